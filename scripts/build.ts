/**
 * Builds `dist` from `src`: compiled modules with their declarations, a copy of every other file of
 * `src`, executable commands, and `bgfn-build` bundled into few files.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';

const repository = path.resolve(import.meta.dirname, '..');
const dist = path.join(repository, 'dist');

rmSync(dist, { recursive: true, force: true });

const compiler = path.join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: repository,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const compiledSource = /\.[cm]?ts$/;
cpSync(path.join(repository, 'src'), dist, {
  recursive: true,
  filter: (file) => !compiledSource.test(file),
});

// Bundles the seventy modules of `bgfn-build` into the four files that every build loads and the
// files that some builds load later, which makes the start 25 ms faster. Relative paths such as
// `../adapter/index.js` work from here too.
await build({
  entryPoints: [path.join(dist, 'cli', 'bgfn-build.js')],
  outdir: path.join(dist, 'cli'),
  chunkNames: 'bgfn-build-[hash]',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.14',
  packages: 'external',
  logLevel: 'warning',
});

const { bin } = z
  .object({ bin: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8')));
for (const command of Object.values(bin)) chmodSync(path.join(repository, command), 0o755);
