import { readFile, readdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  linkModule,
  temporaryProject,
  type TemporaryProject,
} from '../support/temporary-project.ts';
import { cacheIn, keep, specIn } from './support/cached-function.ts';

const sources = {
  'netlify/functions/f.ts': 'export default 1;',
  'lib/db.ts': 'export {};',
  'package.json': '{}',
  'node_modules/dep/index.js': '1',
  'node_modules/dep/package.json': '{}',
};

async function cachedProject(): Promise<{ project: TemporaryProject; inputs: string[] }> {
  const project = await temporaryProject(sources);
  const inputs = [
    project.path('netlify/functions/f.ts'),
    project.path('lib/db.ts'),
    project.path('node_modules/dep/index.js'),
  ];
  return { project, inputs };
}

async function hit(project: TemporaryProject): Promise<string | undefined> {
  return await cacheIn(project).find(specIn(project));
}

async function onlyFile(directory: string): Promise<string> {
  const [name = ''] = await readdir(directory);
  return path.join(directory, name);
}

describe('the cache', () => {
  test('returns the kept value and restores the bytes of the zip', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    const sha256 = await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    const cache = cacheIn(project);
    expect(await cache.find(specIn(project))).toBe('kept');
    expect(await cache.restoreZip(sha256, project.path('out/f.zip'))).toBe(true);
    expect(await readFile(project.path('out/f.zip'))).toEqual(
      await readFile(project.path('staging/f.zip')),
    );
  });

  test.each<[string, (project: TemporaryProject) => Promise<void>]>([
    ['a source changed', (project) => project.write({ 'lib/db.ts': 'export { };' })],
    [
      'a source of the same length changed',
      (project) => project.write({ 'lib/db.ts': 'export [];' }),
    ],
    ['a source was removed', (project) => rm(project.path('lib/db.ts'))],
    ['a file that shadows a source appeared', (project) => project.write({ 'lib/db.js': '' })],
    [
      'a file that shadows a directory of sources appeared',
      (project) => project.write({ 'lib.ts': '' }),
    ],
    [
      'an installed module changed',
      (project) => project.write({ 'node_modules/dep/index.js': '2' }),
    ],
    [
      "an installed module's package.json changed",
      (project) => project.write({ 'node_modules/dep/package.json': '{"main":"x"}' }),
    ],
    ['a module was installed', (project) => project.write({ 'node_modules/other/index.js': '' })],
    [
      'a module nearer to the function appeared',
      (project) => project.write({ 'netlify/functions/node_modules/dep/index.js': '' }),
    ],
    ['a module became a link', (project) => linkModule(project, 'linked', '../lib')],
    ['the lockfile changed', (project) => project.write({ 'package-lock.json': '{}' })],
    ['a tsconfig appeared', (project) => project.write({ 'tsconfig.json': '{}' })],
    [
      "a package.json appeared in the function's directory",
      (project) => project.write({ 'netlify/functions/package.json': '{"type":"commonjs"}' }),
    ],
  ])('misses when %s', async (_what, change) => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    expect(await hit(project)).toBe('kept');
    await change(project);
    expect(await hit(project)).toBeUndefined();
  });

  test('misses when a path that the bundler looked for in vain appears', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await keep(
      project,
      cacheIn(project),
      specIn(project),
      [...inputs, project.path('lib/later/x.ts')],
      'kept',
    );
    expect(await hit(project)).toBe('kept');
    await project.write({ 'lib/later/x.ts': '' });
    expect(await hit(project)).toBeUndefined();
  });

  test.each<[string, Record<string, string>]>([
    [
      'the file a tsconfig extends changed',
      { 'config/base.json': '{"compilerOptions":{"jsx":"react"}}' },
    ],
    ['a file appeared where a `paths` pattern looks first', { 'generated/db.ts': '' }],
  ])('misses when %s', async (_what, change) => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await project.write({
      'config/base.json': '{}',
      'tsconfig.json':
        '{ // with comments\n "extends": "./config/base", "compilerOptions": { "paths": { "@/*": ["./generated/*", "./lib/*"] } } }',
    });
    await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    expect(await hit(project)).toBe('kept');
    await project.write(change);
    expect(await hit(project)).toBeUndefined();
  });

  test('misses when a file appears beside a file that was read as data', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await project.write({ 'locales/en.json': '{}' });
    await keep(
      project,
      cacheIn(project),
      specIn(project),
      [...inputs, project.path('locales/en.json')],
      'kept',
    );
    expect(await hit(project)).toBe('kept');
    await project.write({ 'locales/de.json': '{}' });
    expect(await hit(project)).toBeUndefined();
  });

  test('misses when included_files match a new file', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    const spec = specIn(project, {}, ['templates/**', '!templates/*.tmp']);
    await project.write({ 'templates/a.html': '' });
    await keep(project, cacheIn(project), spec, inputs, 'kept');
    await project.write({ 'templates/b.tmp': '' });
    expect(await cacheIn(project).find(spec)).toBe('kept');
    await project.write({ 'templates/b.html': '' });
    expect(await cacheIn(project).find(spec)).toBeUndefined();
  });

  test('hits when files that the function does not depend on appear', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    await project.write({ 'netlify/functions/other.ts': '', 'lib/unused.ts': '', 'README.md': '' });
    expect(await hit(project)).toBe('kept');
  });

  test('misses for other build settings, other tool versions and another configuration of the function', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    const spec = specIn(project);
    await keep(project, cacheIn(project), spec, inputs, 'kept');
    expect(await cacheIn(project, { settings: { minify: true } }).find(spec)).toBeUndefined();
    expect(await cacheIn(project, { tools: { bgfn: '2' } }).find(spec)).toBeUndefined();
    expect(await cacheIn(project).find({ ...spec, timeoutSeconds: 61 })).toBeUndefined();
    expect(await cacheIn(project).find(spec)).toBe('kept');
  });

  test('hits in another checkout of the same sources, whatever their modification times', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    await using checkout = await temporaryProject(sources);
    await utimes(checkout.path('lib/db.ts'), 1, 1);
    await rename(project.path('cache'), checkout.path('cache'));
    expect(await hit(checkout)).toBe('kept');
  });

  test('keeps earlier states of the inputs, so that returning to an earlier state is a hit', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    for (const state of ['one', 'two', 'three']) {
      await project.write({ 'lib/db.ts': state });
      await keep(project, cacheIn(project), specIn(project), inputs, state);
    }
    await project.write({ 'lib/db.ts': 'one' });
    expect(await hit(project)).toBe('one');
  });

  test('keeps nothing when an input changed after the build had begun', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    const { ctimeMs } = await stat(project.path('lib/db.ts'));
    await keep(
      project,
      cacheIn(project, { startedAtMs: ctimeMs }),
      specIn(project),
      inputs,
      'kept',
    );
    expect(await hit(project)).toBeUndefined();
  });
});

describe('a damaged cache', () => {
  test.each<[string, (file: string) => Promise<void>]>([
    ['truncated', (file) => truncate(file, 100)],
    ['empty', (file) => truncate(file, 0)],
    [
      'changed in one byte',
      async (file) => {
        const bytes = await readFile(file);
        bytes[90] = (bytes[90] ?? 0) ^ 1;
        await writeFile(file, bytes);
      },
    ],
    ['missing', (file) => rm(file)],
    ['JSON of another shape', (file) => writeFile(file, '{"probes":[]}')],
  ])('misses when a record is %s', async (_what, damage) => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    await damage(await onlyFile(project.path('cache/records')));
    expect(await hit(project)).toBeUndefined();
  });

  test.each<[string, (file: string) => Promise<void>]>([
    ['truncated', (file) => truncate(file, 60)],
    [
      'changed in one byte',
      async (file) => {
        const bytes = await readFile(file);
        bytes[40] = (bytes[40] ?? 0) ^ 1;
        await writeFile(file, bytes);
      },
    ],
    ['missing', (file) => rm(file)],
  ])('restores no zip when the kept zip is %s', async (_what, damage) => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    const sha256 = await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    await damage(await onlyFile(project.path('cache/zips')));
    expect(await cacheIn(project).restoreZip(sha256, project.path('out/f.zip'))).toBe(false);
    await expect(stat(project.path('out/f.zip'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('that is a file instead of a directory does not fail the build', async () => {
    const { project, inputs } = await cachedProject();
    await using _ = project;
    await project.write({ cache: 'not a directory' });
    await keep(project, cacheIn(project), specIn(project), inputs, 'kept');
    expect(await hit(project)).toBeUndefined();
  });
});
