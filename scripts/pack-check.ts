/**
 * The package as its users get it: packs the tarball, installs it into an empty project outside this repository, and there runs
 * `npx bgfn-build`, `npx bgfn list`, the import of the API and the types. Needs `dist` (npm run build).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { manifestSchema } from '../src/manifest/schema.ts';

const packOutputSchema = z.tuple([z.object({ filename: z.string(), size: z.number() })]);

const repository = path.resolve(import.meta.dirname, '..');
const project = mkdtempSync(path.join(tmpdir(), 'bgfn-pack-check-'));

function run(command: string, args: readonly string[], cwd = project): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}:\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
  writeFileSync(path.join(project, file), text);
}

try {
  const [packed] = packOutputSchema.parse(JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], repository)));

  write('package.json', JSON.stringify({ name: 'empty-project', version: '1.0.0', private: true, type: 'module' }));
  write('netlify/functions/hello-background.mts', 'export default async (req: Request) => { console.log(await req.text()); };\n');
  run('npm', ['install', '--no-audit', '--no-fund', path.join(project, packed.filename)]);

  run('npx', ['--no-install', 'bgfn-build']);
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(path.join(project, '.netlify/functions/manifest.json'), 'utf8')));
  const [hello] = manifest.functions;
  if (hello?.name !== 'hello-background' || hello.invocationMode !== 'background') throw new Error(`Not the manifest we expect: ${JSON.stringify(manifest)}`);

  const listed = run('npx', ['--no-install', 'bgfn', 'list']);
  if (!listed.includes('hello-background')) throw new Error(`bgfn list does not name the function:\n${listed}`);

  write('use-api.mjs', `import { build } from 'bgfn'; if (typeof build !== 'function') throw new Error('no build()');`);
  run(process.execPath, ['use-api.mjs']);

  console.log(`${packed.filename} (${Math.round(packed.size / 1024)} KB) installs into an empty project and builds there; hello-background.zip is ${hello.artifact.size} bytes`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
