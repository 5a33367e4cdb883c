import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Answers every request with 202 once `keep` has stored its body, or with 503 when `keep` fails.
 * Prints the address of the server.
 */
export function serveAccepts(keep: (body: string) => Promise<unknown> | undefined): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const kept = keep(Buffer.concat(chunks).toString());
      if (kept === undefined) {
        response.writeHead(202, { 'content-length': '0' }).end();
      } else {
        kept.then(
          () => response.writeHead(202, { 'content-length': '0' }).end(),
          () => response.writeHead(503).end(),
        );
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') {
      console.log(`http://127.0.0.1:${address.port}`);
    }
  });
}

/**
 * Imports a package that is installed in the scratch directory only, so its types are not
 * available.
 */
export async function importInstalled<Module>(site: string, name: string): Promise<Module> {
  const resolved = createRequire(path.join(site, 'package.json')).resolve(name);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names the part that it uses
  return (await import(pathToFileURL(resolved).href)) as Module;
}
