import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../src/builder/build-event.ts';
import type { BuildResult } from '../../src/builder/build-result.ts';
import { list } from '../../src/builder/list.ts';
import { build } from '../../src/builder/pipeline.ts';
import type { BuildOptions } from '../../src/builder/settings.ts';
import { BgfnError } from '../../src/diagnostic/bgfn-error.ts';
import { readManifest } from '../../src/manifest/read.ts';
import { clockHasMoved } from './cache/support/cached-function.ts';
import { temporaryProject, type TemporaryProject } from './support/temporary-project.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../src/cli/bgfn-build.ts', import.meta.url));

const site = {
  'netlify/functions/hello-background.mts': `import { greet } from '../../lib/greet.ts';\nexport default async () => { console.log(greet('background')); };\n`,
  'netlify/functions/ping.ts': `export default () => new Response('pong');\nexport const config = { path: '/ping', method: 'GET' };\n`,
  'lib/greet.ts': 'export const greet = (name: string) => `hello ${name}`;\n',
};

function buildIn(project: TemporaryProject, options: BuildOptions = {}): Promise<BuildResult> {
  return build({
    projectDirectory: project.directory,
    target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
    ...options,
  });
}

async function failureOf(promise: Promise<unknown>): Promise<BgfnError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BgfnError)) throw new Error('expected a BgfnError', { cause: error });
  return error;
}

function outputOf(project: TemporaryProject): Promise<string[]> {
  return readdir(project.path('.netlify/functions'));
}

const cachedNames = ({ functions }: BuildResult): string[] =>
  functions.filter(({ cached }) => cached).map(({ record }) => record.name);

describe('a build', () => {
  test('marks streaming v1 functions and generated functions for Netlify in the manifest', async () => {
    await using project = await temporaryProject({
      'package.json': '{ "type": "module" }',
      'node_modules/@netlify/functions/package.json':
        '{ "name": "@netlify/functions", "version": "6.0.0", "exports": "./index.js" }',
      'node_modules/@netlify/functions/index.js': 'export const stream = (handler) => handler;',
      'netlify/functions/v1.mjs': `import { stream } from '@netlify/functions';\nexport const handler = stream(async () => ({ statusCode: 200, body: 'x' }));\n`,
      'netlify/functions/v2.mjs': `export default () => new Response('x');\n`,
      '.netlify/functions-internal/framework.mjs': `export default () => new Response('x');\n`,
    });
    const { manifest } = await buildIn(project);
    expect(
      manifest.functions.map(({ name, invocationMode, priority }) => [
        name,
        invocationMode,
        priority,
      ]),
    ).toEqual([
      ['framework', 'buffer', 0],
      ['v1', 'stream', 10],
      ['v2', 'buffer', 10],
    ]);
  });

  test('writes one zip for each function and a manifest that the runtime reads', async () => {
    await using project = await temporaryProject(site);
    const result = await buildIn(project);
    expect(await outputOf(project)).toEqual(['hello-background.zip', 'manifest.json', 'ping.zip']);
    const manifest = await readManifest(project.path('.netlify/functions'));
    expect(manifest).toEqual(result.manifest);
    expect(manifest).toMatchObject({ version: 1, system: { arch: 'x64', platform: 'linux' } });
    expect(Object.keys(manifest).toSorted()).toEqual([
      '$schema',
      'functions',
      'generator',
      'system',
      'version',
    ]);
    expect(manifest.functions[0]).toEqual({
      name: 'hello-background',
      runtime: 'js',
      runtimeVersion: expect.stringMatching(/^nodejs2[24]\.x$/),
      bundler: 'esbuild',
      mainFile: 'netlify/functions/hello-background.mts',
      path: '.netlify/functions/hello-background.zip',
      endpoint: '/.netlify/functions/hello-background',
      handler: 'hello-background.handler',
      invocationMode: 'background',
      timeout: 900,
      retry: { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 },
      maxPayloadBytes: 262_144,
      artifact: {
        file: 'hello-background.zip',
        size: expect.any(Number),
        unzippedSize: expect.any(Number),
        sha256: expect.any(String),
        contentDigest: expect.any(String),
      },
      buildData: { runtimeAPIVersion: 1 },
      priority: 10,
    });
    expect(manifest.functions[1]).toMatchObject({
      name: 'ping',
      invocationMode: 'buffer',
      timeout: 60,
      routes: [{ pattern: '/ping', methods: ['GET'] }],
    });
  });

  test('makes artifacts that unzip accepts and a hello-world of at most 5 KB', async () => {
    await using project = await temporaryProject(site);
    const { functions } = await buildIn(project);
    for (const { record } of functions) await run('unzip', ['-t', project.path(record.path)]);
    expect(functions[0]?.record.artifact.size).toBeLessThanOrEqual(5 * 1024);
  });

  test('has the same bytes in another directory, time zone and umask', async () => {
    await using one = await temporaryProject(site);
    await using other = await temporaryProject();
    await cp(one.directory, other.path('a/deeper/checkout'), { recursive: true });
    const buildWith = async (cwd: string, timeZone: string, umask: string): Promise<string> => {
      await run(
        'sh',
        ['-c', `umask ${umask}; exec "$0" "$1" --no-cache`, process.execPath, command],
        { cwd, env: { ...process.env, TZ: timeZone } },
      );
      return readFile(`${cwd}/.netlify/functions/manifest.json`, 'utf8');
    };
    expect(await buildWith(one.directory, 'UTC', '022')).toBe(
      await buildWith(other.path('a/deeper/checkout'), 'Asia/Tokyo', '077'),
    );
  });

  test('reports the errors of all functions in one run and does not change the last good build', async () => {
    await using project = await temporaryProject(site);
    await buildIn(project);
    const before = await readFile(project.path('.netlify/functions/ping.zip'));
    const manifestBefore = await readFile(project.path('.netlify/functions/manifest.json'), 'utf8');
    await project.write({
      'netlify/functions/ping.ts': `export default () => new Response('changed');`,
      'netlify/functions/broken-syntax.ts': 'export default () => {',
      'netlify/functions/broken-import.ts': `import '../lib/not-there.ts';\nexport default () => {};`,
      'netlify/functions/broken-config.ts': `export default () => {};\nexport const config = { background: 'maybe' };`,
    });
    const error = await failureOf(buildIn(project));
    expect(error).toMatchObject({ code: 'BUILD_FAILED', kind: 'failed' });
    expect(
      new Set(
        error.diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ functionName }) => functionName),
      ),
    ).toEqual(new Set(['broken-syntax', 'broken-import', 'broken-config']));
    expect(
      error.diagnostics.every(({ location }) => location !== undefined && location.line > 0),
    ).toBe(true);
    expect(await outputOf(project)).toEqual(['hello-background.zip', 'manifest.json', 'ping.zip']);
    expect(await readFile(project.path('.netlify/functions/ping.zip'))).toEqual(before);
    expect(await readFile(project.path('.netlify/functions/manifest.json'), 'utf8')).toBe(
      manifestBefore,
    );
  });

  test('deletes the zips of functions that no longer exist, and no other file', async () => {
    await using project = await temporaryProject(site);
    await buildIn(project);
    await project.write({ '.netlify/functions/somebody-elses.zip': 'x' });
    await run('rm', [project.path('netlify/functions/ping.ts')]);
    await buildIn(project);
    expect(await outputOf(project)).toEqual([
      'hello-background.zip',
      'manifest.json',
      'somebody-elses.zip',
    ]);
  });

  test('publishes a prebuilt zip byte for byte, with its mode', async () => {
    await using project = await temporaryProject(site);
    await buildIn(project);
    const made = await readFile(project.path('.netlify/functions/ping.zip'));
    await project.write({ 'netlify/functions/made-background.zip': made });
    const { manifest } = await buildIn(project);
    expect(await readFile(project.path('.netlify/functions/made-background.zip'))).toEqual(made);
    expect(manifest.functions.find(({ name }) => name === 'made-background')).toMatchObject({
      invocationMode: 'background',
      timeout: 900,
      path: '.netlify/functions/made-background.zip',
    });
  });

  test('emits its events in order', async () => {
    await using project = await temporaryProject(site);
    const events: BuildEvent[] = [];
    await buildIn(project, { onEvent: (event) => events.push(event) });
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe('scanned');
    expect(types.at(-1)).toBe('finished');
    expect(types.filter((type) => type === 'function-finished')).toHaveLength(2);
  });

  test('refuses an output directory that is a file', async () => {
    await using project = await temporaryProject({ ...site, out: '' });
    expect(await failureOf(buildIn(project, { outputDirectory: 'out' }))).toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      hint: expect.stringContaining('--out'),
    });
  });

  test('without a functions directory is a configuration error', async () => {
    await using project = await temporaryProject();
    expect(await failureOf(buildIn(project))).toMatchObject({ kind: 'config' });
  });
});

describe('building again', () => {
  test('takes unchanged functions from the cache and builds only the changed one', async () => {
    await using project = await temporaryProject(site);
    await clockHasMoved(project);
    const first = await buildIn(project);
    expect(cachedNames(first)).toEqual([]);
    expect(cachedNames(await buildIn(project))).toEqual(['hello-background', 'ping']);
    await project.write({
      'lib/greet.ts': 'export const greet = (name: string) => `bye ${name}`;\n',
    });
    await clockHasMoved(project);
    const third = await buildIn(project);
    expect(cachedNames(third)).toEqual(['ping']);
    expect(third.manifest.functions[0]?.artifact.sha256).not.toBe(
      first.manifest.functions[0]?.artifact.sha256,
    );
  });

  test('restores zips that somebody deleted or damaged in the output directory', async () => {
    await using project = await temporaryProject(site);
    await clockHasMoved(project);
    const first = await buildIn(project);
    await run('rm', [project.path('.netlify/functions/ping.zip')]);
    await writeFile(project.path('.netlify/functions/hello-background.zip'), 'damaged');
    const second = await buildIn(project);
    expect(cachedNames(second)).toEqual(['hello-background', 'ping']);
    expect(second.manifest).toEqual(first.manifest);
    for (const { record } of second.functions) {
      await run('unzip', ['-t', project.path(record.path)]);
    }
  });

  test('never uses a damaged cache entry', async () => {
    await using project = await temporaryProject(site);
    await clockHasMoved(project);
    const first = await buildIn(project, { cache: 'cache' });
    for (const file of await readdir(project.path('cache/zips'))) {
      await writeFile(project.path('cache/zips', file), 'damaged');
    }
    await run('rm', ['-r', project.path('.netlify')]);
    const second = await buildIn(project, { cache: 'cache' });
    expect(cachedNames(second)).toEqual([]);
    expect(second.manifest).toEqual(first.manifest);
  });

  test('without a cache builds everything', async () => {
    await using project = await temporaryProject(site);
    await buildIn(project);
    expect(cachedNames(await buildIn(project, { cache: false }))).toEqual([]);
  });

  test('shows the warnings of cached functions too', async () => {
    await using project = await temporaryProject({
      ...site,
      'netlify/functions/warns.js': `export default () => Response.json({ same: 1, same: 2 });\n`,
    });
    await clockHasMoved(project);
    const first = await buildIn(project);
    const second = await buildIn(project);
    expect(cachedNames(second)).toContain('warns');
    expect(first.warnings.length).toBeGreaterThan(0);
    expect(second.warnings).toEqual(first.warnings);
  });

  test('in several processes at once has the right result in each of them', async () => {
    await using project = await temporaryProject(site);
    const builds = await Promise.all(
      ['a', 'b', 'a'].map((out) =>
        run(process.execPath, [command, '--json', '--quiet', '--out', out], {
          cwd: project.directory,
        }),
      ),
    );
    const digests = builds.map(({ stdout }) =>
      JSON.stringify(
        JSON.parse(stdout).manifest.functions.map((entry: { artifact: unknown }) => entry.artifact),
      ),
    );
    expect(new Set(digests).size).toBe(1);
    for (const out of ['a', 'b']) {
      expect(await readdir(project.path(out))).toEqual([
        'hello-background.zip',
        'manifest.json',
        'ping.zip',
      ]);
      await run('unzip', ['-t', project.path(out, 'ping.zip')]);
    }
  });

  test('after a killed build succeeds, and removes the files that the killed build left', async () => {
    await using project = await temporaryProject(site);
    const child = spawn(process.execPath, [command], {
      cwd: project.directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // At the first line of progress one function is built, and the manifest is at most being written.
    await once(child.stderr, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await buildIn(project);
    expect(await outputOf(project)).toEqual(['hello-background.zip', 'manifest.json', 'ping.zip']);
    for (const { record } of (await buildIn(project)).functions) {
      await run('unzip', ['-t', project.path(record.path)]);
    }
  });
});

test('list finds the functions and their modes without building', async () => {
  await using project = await temporaryProject(site);
  const { functions, diagnostics } = await list({ projectDirectory: project.directory });
  expect(functions.map(({ name, mode }) => [name, mode])).toEqual([
    ['hello-background', 'background'],
    ['ping', 'sync'],
  ]);
  expect(diagnostics).toEqual([]);
  expect(await readdir(project.directory)).toEqual(['lib', 'netlify']);
});
