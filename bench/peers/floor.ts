/**
 * The floor: esbuild alone on the same entries, and deflate of its output, without classification,
 * tracing or a manifest. The result may not run.
 *
 * `node peers/floor.ts <functions> <output>`
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { build } from 'esbuild';

const [functions = '', output = ''] = process.argv.slice(2);
const compress = promisify(deflateRaw);

await mkdir(output, { recursive: true });
const entries = await Promise.all(
  (await readdir(functions, { withFileTypes: true })).map(async (entry) => {
    if (!entry.isDirectory()) {
      return { name: path.parse(entry.name).name, file: path.join(functions, entry.name) };
    }
    const directory = path.join(functions, entry.name);
    const main = (await readdir(directory)).find((file) => /\.[cm]?[jt]s$/.test(file)) ?? '';
    return { name: entry.name, file: path.join(directory, main) };
  }),
);

await Promise.all(
  entries.map(async ({ name, file }) => {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      write: false,
      external: ['sharp'],
      logLevel: 'silent',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    const [bundled] = outputFiles;
    if (bundled !== undefined) {
      await writeFile(path.join(output, `${name}.zip`), await compress(bundled.contents));
    }
  }),
);
console.log(entries.length);
