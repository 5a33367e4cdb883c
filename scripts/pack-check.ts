/**
 * Tests the package as its users get it: packs the tarball, installs it into an empty project
 * outside this repository, and runs there `npx bgfn-build`, `npx bgfn list`, the imports of the
 * APIs, a type check of them, and `bgfn serve` with a function that fails once. Needs `dist` (npm
 * run build).
 *
 * `node scripts/pack-check.ts [--node <file> …]`
 *
 * `--node` names further Node executables to run the commands under: CI passes the oldest version
 * that package.json allows.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { manifestSchema } from '../src/manifest/schema.ts';
import { Command } from '../test/support/command.ts';

const { values } = parseArgs({
  options: { node: { type: 'string', multiple: true, default: [] } },
});

const packOutputSchema = z.tuple([z.object({ filename: z.string(), size: z.number() })]);

const repository = path.resolve(import.meta.dirname, '..');
const project = mkdtempSync(path.join(tmpdir(), 'bgfn-pack-check-'));
const installed = (file: string): string =>
  path.join(project, 'node_modules', 'bgfn', 'dist', 'cli', file);

function run(command: string, args: readonly string[], cwd = project): string {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (result.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status ?? result.signal}:\n${result.stdout}${result.stderr}`,
    );
  }
  return result.stdout;
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
  writeFileSync(path.join(project, file), text);
}

function writeProject(): void {
  write(
    'package.json',
    JSON.stringify({ name: 'empty-project', version: '1.0.0', private: true, type: 'module' }),
  );
  write(
    'netlify/functions/hello-background.mts',
    `export default async (req: Request) => {
  if (req.headers.get('x-bgfn-attempt') === '1') throw new Error('not yet');
  console.log('hello, ' + (await req.text()));
};
`,
  );
  write(
    'use-api.mts',
    `import { build } from 'bgfn';
import { manifestSchema } from 'bgfn/manifest';
import { startRuntime } from 'bgfn/runtime';
const built: Promise<{ manifest: unknown }> = build();
manifestSchema.parse((await built).manifest);
if (typeof startRuntime !== 'function') throw new Error('no startRuntime()');
`,
  );
}

/**
 * Checks types with this repository's compiler and types of Node. The package's declarations are
 * checked as well.
 */
function checkTypes(file: string): void {
  const modules = path.join(repository, 'node_modules');
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'esnext',
    '--typeRoots',
    path.join(modules, '@types'),
    '--types',
    'node',
  ];
  run(process.execPath, [path.join(modules, 'typescript', 'bin', 'tsc'), ...options, file]);
}

/** Builds and serves under one Node, calls a function, and waits until the retry succeeds. */
async function buildAndServe(node: string): Promise<void> {
  run(node, [installed('bgfn-build.js'), '--no-cache', '--quiet']);
  await using serve = new Command(
    node,
    [installed('bgfn.js'), 'serve', '--port', '0', '--admin-port', 'off', '--retry-delays', '0.1'],
    { cwd: project },
  );
  const [, url = ''] = await serve.line(/(http:\/\/127\.0\.0\.1:\d+)/);
  const response = await fetch(`${url}/.netlify/functions/hello-background`, {
    method: 'POST',
    body: 'Ada',
  });
  if (response.status !== 202 || (await response.text()) !== '') {
    throw new Error(`The call was answered with ${response.status}.`);
  }
  await serve.line(/#1 attempt 1 failed .*not yet/);
  await serve.line(/#2 hello, Ada/);
  await serve.line(/#2 succeeded/);
  serve.kill('SIGTERM');
  const { code } = await serve.exited;
  if (code !== 0) throw new Error(`bgfn serve ended with ${code}:\n${serve.output}`);
}

try {
  const [packed] = packOutputSchema.parse(
    JSON.parse(
      run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], repository),
    ),
  );

  writeProject();
  run('npm', ['install', '--no-audit', '--no-fund', path.join(project, packed.filename)]);

  run('npx', ['--no-install', 'bgfn-build']);
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(path.join(project, '.netlify/functions/manifest.json'), 'utf8')),
  );
  const [hello] = manifest.functions;
  if (hello?.name !== 'hello-background' || hello.invocationMode !== 'background') {
    throw new Error(`Not the manifest we expect: ${JSON.stringify(manifest)}`);
  }

  const listed = run('npx', ['--no-install', 'bgfn', 'list']);
  if (!listed.includes('hello-background')) {
    throw new Error(`bgfn list does not name the function:\n${listed}`);
  }

  checkTypes('use-api.mts');
  run(process.execPath, ['use-api.mts']);

  const versions: string[] = [];
  for (const node of [process.execPath, ...values.node]) {
    await buildAndServe(node);
    versions.push(run(node, ['--version']).trim());
  }

  console.log(
    `${packed.filename} (${Math.round(packed.size / 1024)} KB) installs into an empty project, builds and serves there under Node ${versions.join(' and ')}; hello-background.zip is ${hello.artifact.size} bytes`,
  );
} finally {
  rmSync(project, { recursive: true, force: true });
}
