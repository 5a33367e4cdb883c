import path from 'node:path';
import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { findIncludedFiles } from '../../../../src/builder/bundle/copied-files/included-files.ts';
import { build } from '../../../../src/builder/pipeline.ts';
import type { Diagnostic } from '../../../../src/diagnostic/diagnostic.ts';
import { clockHasMoved } from '../../cache/support/cached-function.ts';
import { temporaryProject, type TemporaryProject } from '../../support/temporary-project.ts';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const target = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const;

async function warningsOf(project: TemporaryProject): Promise<readonly Diagnostic[]> {
  return (await build({ projectDirectory: project.directory, target })).warnings;
}

/** The paths, relative to the project, that the entries include. */
async function included(rig: BundleRig, includedFiles: readonly string[]): Promise<string[]> {
  const { files } = await findIncludedFiles({ includedFiles, includedFilesBase: rig.project });
  return files.map((file) => path.relative(rig.project, file));
}

describe('names', () => {
  const files = {
    'app/[slug]/(group)/x.md': 'x',
    'app/[slug]/page.tsx': 'x',
    'app/[...all]/@modal/y.md': 'y',
    'app/s/z.md': 'z',
    'data/a+b (1).txt': 'ab',
    'data/{c}.txt': 'c',
    'data/d.txt': 'd',
  };

  test.each([
    ['app/[slug]/(group)/x.md', ['app/[slug]/(group)/x.md']],
    ['app/[slug]/(group)/*.md', ['app/[slug]/(group)/x.md']],
    ['app/[slug]/**', ['app/[slug]/(group)/x.md', 'app/[slug]/page.tsx', 'app/s/z.md']],
    ['app/[slug]/page.*', ['app/[slug]/page.tsx']],
    ['**/[...all]/**/*.md', ['app/[...all]/@modal/y.md']],
    ['data/a+b (1).txt', ['data/a+b (1).txt']],
    ['data/{c,d}.txt', ['data/d.txt']],
    ['data/{c}.txt', ['data/{c}.txt']],
    [String.raw`app\[slug]\(group)\x.md`, ['app/[slug]/(group)/x.md']],
    [String.raw`data\*.txt`, ['data/a+b (1).txt', 'data/d.txt', 'data/{c}.txt']],
    [String.raw`.\data\d.txt`, ['data/d.txt']],
    [String.raw`app/\[slug\]/page.tsx`, ['app/[slug]/page.tsx']],
  ])('%s includes %j', async (entry, expected) => {
    await using rig = await BundleRig.create(files);
    expect(await included(rig, [entry])).toEqual(expected);
  });

  test('an excluding entry takes brackets and backslashes as an including one does', async () => {
    await using rig = await BundleRig.create(files);
    expect(
      await included(rig, ['app/**', '!app/[slug]/(group)/x.md', String.raw`!app\s\*`]),
    ).toEqual(['app/[...all]/@modal/y.md', 'app/[slug]/page.tsx']);
  });
});

test('a file above the project and an absolute path are included', async () => {
  await using rig = await BundleRig.create({ 'data/a.txt': 'a', '../shared/b.txt': 'b' });
  expect(await included(rig, [path.join(rig.project, 'data/*.txt'), '../shared/*'])).toEqual([
    'data/a.txt',
    '../shared/b.txt',
  ]);
});

test('links that lead to a directory on the way are not followed; others are', async () => {
  await using rig = await BundleRig.create(
    { 'data/a.txt': 'a', 'other/b.txt': 'b', '.env': 'secret' },
    {
      'data/self': '.',
      'data/project': '..',
      'data/other': '../other',
      'other/data': '../data',
      'data/broken': 'nowhere',
    },
  );
  expect(await included(rig, ['data/**'])).toEqual(['data/a.txt', 'data/other/b.txt']);
});

describe('an excluding entry', () => {
  const files = {
    'node_modules/reader/package.json': '{"name":"reader","main":"index.js"}',
    'node_modules/reader/index.js': dedent`
      const fs = require('fs');
      exports.read = (name) => fs.readFileSync(__dirname + '/data/' + name, 'utf8');
    `,
    'node_modules/reader/data/small.txt': 'small',
    'node_modules/reader/data/big.bin': 'big',
    'functions/own.txt': 'own',
    'functions/other.txt': 'other',
    'functions/f.mjs': dedent`
      import { readFileSync } from 'node:fs';
      import { read } from 'reader';
      const own = readFileSync(new URL('./own.txt', import.meta.url), 'utf8');
      const other = () => readFileSync(new URL('./other.txt', import.meta.url), 'utf8');
      ${answer("typeof other + own + read('small.txt')")}
    `,
  };

  test.each([
    ['!node_modules/reader/data/big.bin', 'node_modules/reader/data/big.bin'],
    ['!**/*.bin', 'node_modules/reader/data/big.bin'],
    ['!functions/other.txt', 'functions/other.txt'],
    ['!./functions/o[t]her.*', 'functions/other.txt'],
  ])('%s takes a file out that nothing but the trace found', async (entry, file) => {
    await using rig = await BundleRig.create(files);
    expect(pathsOf(bundleOf(await rig.bundle('functions/f.mjs')))).toContain(file);
    const bundle = bundleOf(await rig.bundle('functions/f.mjs', { includedFiles: [entry] }));
    expect(pathsOf(bundle)).not.toContain(file);
    expect(await rig.call(bundle)).toBe('functionownsmall');
  });

  test.each(['!node_modules/reader/data', '!node_modules/reader/data/', '!node_modules/**/data/*'])(
    '%s takes out what is in the directory',
    async (entry) => {
      await using rig = await BundleRig.create(files);
      const bundle = bundleOf(await rig.bundle('functions/f.mjs', { includedFiles: [entry] }));
      expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules/'))).toEqual([
        'node_modules/reader/index.js',
        'node_modules/reader/package.json',
      ]);
    },
  );

  test('names a package by its place in the artifact, whatever the layout on disk', async () => {
    const { 'functions/f.mjs': source, ...rest } = files;
    const store = Object.fromEntries(
      Object.entries(rest).map(([file, text]) => [
        file.replace(/^node_modules/, 'node_modules/.pnpm/reader@1.0.0/node_modules'),
        text,
      ]),
    );
    await using rig = await BundleRig.create(
      { ...store, 'functions/f.mjs': source },
      { 'node_modules/reader': '.pnpm/reader@1.0.0/node_modules/reader' },
    );
    const bundle = bundleOf(
      await rig.bundle('functions/f.mjs', { includedFiles: ['!node_modules/reader/data/big.bin'] }),
    );
    expect(pathsOf(bundle)).toContain('node_modules/reader/data/small.txt');
    expect(pathsOf(bundle)).not.toContain('node_modules/reader/data/big.bin');
  });

  test('takes out nothing of the bundled code, and what * does not reach stays', async () => {
    await using rig = await BundleRig.create(files);
    const bundle = bundleOf(
      await rig.bundle('functions/f.mjs', {
        includedFiles: ['!functions/*.mjs', '!node_modules/*'],
      }),
    );
    expect(await rig.call(bundle)).toBe('functionownsmall');
  });
});

describe('an entry that matches no file is reported', () => {
  const site = {
    'data/sub/a.csv': 'a',
    'Templates/mail.html': '<p>',
    'netlify/functions/f.mjs': answer('1'),
    'netlify/functions/g.mjs': answer('2'),
  };

  test.each([
    ['data', '"data" in included_files is a directory', 'Write "data/**" for all files in it.'],
    [
      './data/',
      '"./data/" in included_files is a directory',
      'Write "data/**" for all files in it.',
    ],
    ['data/*', 'matches directories only', 'Write "data/**" for all files in it.'],
    ['/data/sub/*.csv', 'starts at the root of the machine', 'Did you mean "data/sub/*.csv"?'],
    [
      'templates/*.html',
      'matches no file',
      'Write "Templates/*.html": upper and lower case differ on Linux.',
    ],
    ['data/subb/a.csv', 'matches no file', 'Did you mean "data/sub/a.csv"?'],
    ['tempaltes', 'matches no file', 'Did you mean "Templates/**"?'],
    [
      'assets/**',
      'matches no file',
      'Correct or remove it. It is relative to the project directory; * stands for a name, and ** for any directories.',
    ],
  ])('%s', async (entry, message, hint) => {
    await using project = await temporaryProject({
      ...site,
      'netlify.toml': `[functions]\nincluded_files = [\n  "data/**", # all\n  "${entry}",\n]\n`,
    });
    const warnings = await warningsOf(project);
    expect(warnings).toHaveLength(1);
    const [warning] = warnings;
    expect(warning).toMatchObject({ code: 'INCLUDED_FILES_UNMATCHED', severity: 'warning', hint });
    expect(warning?.functionName).toBeUndefined();
    expect(warning?.message).toContain(message);
    expect(warning?.location).toMatchObject({ line: 4, column: 3, length: entry.length + 2 });
    const suggestion = /"([^"]*)"/.exec(hint)?.[1];
    if (suggestion === undefined) return;
    await project.write({ 'netlify.toml': `[functions]\nincluded_files = ["${suggestion}"]\n` });
    expect(await warningsOf(project)).toEqual([]);
  });

  test('in the source, with a path that starts at the function', async () => {
    await using project = await temporaryProject({
      ...site,
      'netlify/functions/f.mjs': `export const config = { includedFiles: ['data/**'] };\n${answer('1')}`,
    });
    expect(await warningsOf(project)).toMatchObject([
      {
        functionName: 'f',
        message: '"data/**" in includedFiles matches no file.',
        hint: 'An entry in the source starts at the function\'s directory: write "../../data/**".',
        location: { line: 1, column: 41 },
      },
    ]);
    await project.write({
      'netlify/functions/f.mjs': `export const config = { includedFiles: ['../../data/**'] };\n${answer('1')}`,
    });
    expect(await warningsOf(project)).toEqual([]);
  });

  test('of a cached function too, at the line where the entry is now', async () => {
    await using project = await temporaryProject({
      ...site,
      'netlify.toml': '[functions]\nincluded_files = ["data"]\n',
    });
    await clockHasMoved(project);
    const buildAgain = () => build({ projectDirectory: project.directory, target });
    expect((await buildAgain()).warnings[0]?.location?.line).toBe(2);
    await project.write({
      'netlify.toml': '# A comment.\n[functions]\nincluded_files = ["data"]\n',
    });
    const { functions, warnings } = await buildAgain();
    expect(functions.map(({ cached }) => cached)).toEqual([true, true]);
    expect(warnings[0]?.location?.line).toBe(3);
  });

  test('but not when another entry excludes what it matches', async () => {
    await using project = await temporaryProject({
      ...site,
      'netlify.toml': '[functions]\nincluded_files = ["data/**", "!data/**", "!missing/**"]\n',
    });
    expect(await warningsOf(project)).toEqual([]);
  });
});
