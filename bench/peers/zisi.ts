/**
 * One ZISI build as a process of its own, with its defaults.
 *
 * `node peers/zisi.ts <site> <functions> <output> [<directory in which ZISI is installed>]`
 */
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [site = '', functions = '', output = '', peers = site] = process.argv.slice(2);

interface Zisi {
  readonly zipFunctions: (
    source: string,
    destination: string,
    options: { basePath: string; repositoryRoot: string; manifest: string; config: object },
  ) => Promise<unknown[]>;
}

const resolved = createRequire(path.join(peers, 'package.json')).resolve(
  '@netlify/zip-it-and-ship-it',
);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- installed into the scratch directory only, so its types are not here
const { zipFunctions } = (await import(pathToFileURL(resolved).href)) as Zisi;
await mkdir(output, { recursive: true });
// The settings of the site's netlify.toml, which the caller of ZISI has to read.
const config = {
  'import-products-background': { includedFiles: ['data/*.csv'] },
  'search-*': { includedFiles: ['data/products.json'] },
};
const results = await zipFunctions(functions, output, {
  basePath: site,
  repositoryRoot: site,
  manifest: path.join(output, 'manifest.json'),
  config,
});
console.log(results.length);
