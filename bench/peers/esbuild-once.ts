/**
 * Esbuild alone, in one call over all entries: each file is parsed once.
 *
 * `node peers/esbuild-once.ts <functions> <output>`
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const [functions = '', output = ''] = process.argv.slice(2);
const files = await readdir(functions);
await build({
  entryPoints: files.map((file) => path.join(functions, file)),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outdir: output,
  outExtension: { '.js': '.mjs' },
  logLevel: 'silent',
});
console.log(files.length);
