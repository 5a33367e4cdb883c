import { renameSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { BuildEvent } from '../../src/builder/build-event.ts';
import { watch, type WatchOutcome } from '../../src/builder/watch.ts';
import { clockHasMoved } from './cache/support/cached-function.ts';
import { temporaryProject, type TemporaryProject } from './support/temporary-project.ts';

const site = {
  'netlify/functions/a.ts': `export default () => new Response('a');\n`,
  'netlify/functions/b.ts': `import { text } from '../../lib/text.ts';\nexport default () => new Response(text);\n`,
  'lib/text.ts': `export const text = 'b';\n`,
};

/** Starts watching a project. `next()` resolves with the next build that the watch reports. */
async function watchIn(
  project: TemporaryProject,
  onEvent?: (event: BuildEvent) => void,
  projectDirectory = project.directory,
) {
  await clockHasMoved(project);
  const controller = new AbortController();
  const outcomes: WatchOutcome[] = [];
  let wake: (() => void) | undefined;
  const ended = watch({
    projectDirectory,
    signal: controller.signal,
    ...(onEvent && { onEvent }),
    onBuild: (outcome) => {
      outcomes.push(outcome);
      wake?.();
    },
  });
  const next = async (): Promise<WatchOutcome> => {
    while (outcomes.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await Promise.race([promise, ended]);
    }
    return outcomes.shift()!;
  };
  return {
    next,
    builtNames: async (): Promise<string[]> => {
      const outcome = await next();
      if (!outcome.ok) throw outcome.error;
      return outcome.result.functions
        .filter(({ cached }) => !cached)
        .map(({ record }) => record.name);
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      controller.abort();
      await ended;
    },
  };
}

test('an edit builds the functions that depend on the file, and no others', async () => {
  await using project = await temporaryProject(site);
  await using watching = await watchIn(project);
  expect(await watching.builtNames()).toEqual(['a', 'b']);
  await project.write({ 'lib/text.ts': `export const text = 'changed';\n` });
  expect(await watching.builtNames()).toEqual(['b']);
  await project.write({
    'netlify/functions/a.ts': `export default () => new Response('changed');\n`,
  });
  expect(await watching.builtNames()).toEqual(['a']);
});

test('a syntax error is reported, and the correction builds again', async () => {
  await using project = await temporaryProject(site);
  await using watching = await watchIn(project);
  await watching.next();
  await project.write({ 'lib/text.ts': 'export const text = ' });
  expect(await watching.next()).toMatchObject({ ok: false, error: { code: 'BUILD_FAILED' } });
  await project.write({ 'lib/text.ts': `export const text = 'mended';\n` });
  expect(await watching.builtNames()).toEqual(['b']);
});

test('a failure is reported once, and again when it becomes another failure', async () => {
  await using project = await temporaryProject({ ...site, 'lib/text.ts': 'export const text = ' });
  let failed = Promise.withResolvers<void>();
  await using watching = await watchIn(project, ({ type }) => {
    if (type === 'function-failed') failed.resolve();
  });
  expect(await watching.next()).toMatchObject({
    ok: false,
    error: { diagnostics: [{ location: { line: 1 } }] },
  });
  failed = Promise.withResolvers();
  await project.write({ 'notes.txt': 'nothing to do with it' });
  await failed.promise;
  await project.write({ 'lib/text.ts': '\n\nexport const text = ' });
  expect(await watching.next()).toMatchObject({
    ok: false,
    error: { diagnostics: [{ location: { line: 3 } }] },
  });
});

test('a missing file of an import builds again when it appears, also in a new directory', async () => {
  await using project = await temporaryProject({
    ...site,
    'netlify/functions/a.ts': `import '../../later/x.ts';\nexport default () => {};\n`,
  });
  await using watching = await watchIn(project);
  expect(await watching.next()).toMatchObject({ ok: false });
  await mkdir(project.path('later'));
  for (;;) {
    await project.write({ 'later/x.ts': 'export {};\n' });
    const outcome = await watching.next();
    if (outcome.ok) break;
  }
});

test('new, renamed and removed functions change the manifest', async () => {
  await using project = await temporaryProject(site);
  await using watching = await watchIn(project);
  await watching.next();
  await project.write({ 'netlify/functions/c-background/index.ts': 'export default () => {};\n' });
  const names = (outcome: WatchOutcome): string[] =>
    outcome.ok ? outcome.result.functions.map(({ record }) => record.name) : [];
  expect(names(await watching.next())).toEqual(['a', 'b', 'c-background']);
  await rename(project.path('netlify/functions/a.ts'), project.path('netlify/functions/d.ts'));
  expect(names(await watching.next())).toEqual(['b', 'c-background', 'd']);
  await rm(project.path('netlify/functions/c-background'), { recursive: true });
  expect(names(await watching.next())).toEqual(['b', 'd']);
});

test('changes of netlify.toml and mistakes in it build again', async () => {
  await using project = await temporaryProject(site);
  await using watching = await watchIn(project);
  await watching.next();
  await project.write({ 'netlify.toml': '[functions.a]\nbackground = true\n' });
  expect(await watching.next()).toMatchObject({
    ok: true,
    result: {
      manifest: { functions: [{ name: 'a', invocationMode: 'background' }, { name: 'b' }] },
    },
  });
  await project.write({ 'netlify.toml': '[functions' });
  expect(await watching.next()).toMatchObject({ ok: false });
  await project.write({ 'netlify.toml': '' });
  expect(await watching.next()).toMatchObject({
    ok: true,
    result: { manifest: { functions: [{ name: 'a', invocationMode: 'buffer' }, { name: 'b' }] } },
  });
});

test('a directory that two renames swap is built from, and its later edits are noticed', async () => {
  await using project = await temporaryProject({
    ...site,
    'lib/deep/more.ts': `export const more = '';\n`,
    'lib.next/text.ts': `export { more as text } from './deep/more.ts';\n`,
    'lib.next/deep/more.ts': `export const more = 'next';\n`,
  });
  await using watching = await watchIn(project);
  await watching.next();
  // Both before the watcher hears of the first.
  renameSync(project.path('lib'), project.path('lib.old'));
  renameSync(project.path('lib.next'), project.path('lib'));
  expect(await watching.builtNames()).toEqual(['b']);
  await project.write({ 'lib/deep/more.ts': `export const more = 'edited';\n` });
  expect(await watching.builtNames()).toEqual(['b']);
  await project.write({ 'lib/text.ts': `export const text = 'edited again';\n` });
  expect(await watching.builtNames()).toEqual(['b']);
});

test('a link that gets another target is built from, also from the cache', async () => {
  await using project = await temporaryProject({
    'netlify/functions/a.ts': site['netlify/functions/a.ts'],
    'netlify/functions/b.ts': site['netlify/functions/b.ts'],
    'one/text.ts': `export const text = 'one';\n`,
    'two/text.ts': `export const text = 'two';\n`,
  });
  await symlink('one', project.path('lib'));
  await using watching = await watchIn(project);
  await watching.next();
  await symlink('two', project.path('lib.new'));
  await rename(project.path('lib.new'), project.path('lib'));
  expect(await watching.builtNames()).toEqual(['b']);
  await project.write({ 'two/text.ts': `export const text = 'edited';\n` });
  expect(await watching.builtNames()).toEqual(['b']);
});

test('edits of a linked package and of its own modules are noticed, and so is another link', async () => {
  const linked = (name: string): Record<string, string> => ({
    [`${name}/package.json`]: '{ "name": "@acme/linked", "version": "1.0.0", "main": "index.js" }',
    [`${name}/index.js`]: `exports.text = '${name}' + require('dep');\n`,
    [`${name}/node_modules/dep/package.json`]: '{ "name": "dep", "version": "1.0.0" }',
    [`${name}/node_modules/dep/index.js`]: `module.exports = '1';\n`,
  });
  await using project = await temporaryProject({
    ...linked('linked'),
    ...linked('other'),
    'site/netlify/functions/a.ts': site['netlify/functions/a.ts'],
    'site/netlify/functions/b.ts': `import { text } from '@acme/linked';\nexport default () => new Response(text);\n`,
  });
  await mkdir(project.path('site/node_modules/@acme'), { recursive: true });
  await symlink('../../../linked', project.path('site/node_modules/@acme/linked'));
  await using watching = await watchIn(project, undefined, project.path('site'));
  await watching.next();
  await project.write({ 'linked/index.js': `exports.text = 'edited' + require('dep');\n` });
  expect(await watching.builtNames()).toEqual(['b']);
  await project.write({ 'linked/node_modules/dep/index.js': `module.exports = '2';\n` });
  expect(await watching.builtNames()).toEqual(['b']);
  await symlink('../../../other', project.path('site/node_modules/@acme/new'));
  await rename(
    project.path('site/node_modules/@acme/new'),
    project.path('site/node_modules/@acme/linked'),
  );
  expect(await watching.builtNames()).toContain('b');
});
