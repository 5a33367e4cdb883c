import { chmod, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scan } from '../../../../src/builder/discover/scan/scan.ts';
import { TemporarySite, type SiteFiles } from '../support/temporary-site.ts';

const inFunctions = (files: SiteFiles): SiteFiles =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`netlify/functions/${name}`, content]),
  );

async function scanFiles(
  files: SiteFiles,
): Promise<{ names: [string, string][]; messages: string[] }> {
  await using site = await TemporarySite.create(inFunctions(files));
  const { entries, diagnostics } = await scan([path.join(site.directory, 'netlify/functions')]);
  return {
    names: entries.map(({ name, kind }) => [name, kind]),
    messages: diagnostics.map(({ message }) => message),
  };
}

test('functions of every extension are found, and other files are ignored', async () => {
  const { names, messages } = await scanFiles({
    'a.js': '',
    'b.mjs': '',
    'c.cjs': '',
    'd.ts': '',
    'e.tsx': '',
    'f.mts': '',
    'g.cts': '',
    'h.zip': '',
    'types.d.ts': '',
    'more.d.mts': '',
    'a.test.ts': '',
    'b.spec.js': '',
    'vitest.config.mts': '',
    'button.stories.tsx': '',
    'data.json': '{}',
    'README.md': '# x',
    '.hidden.js': '',
    empty: '',
    'node_modules/x/index.js': '',
    'helpers/util.js': '',
    '.git/index.js': '',
  });
  expect(names).toEqual([
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, 'javascript']),
    ['h', 'zip'],
  ]);
  expect(messages).toEqual([]);
});

test('a directory is a function by a file of its name or by index, and the file of its name wins', async () => {
  await using site = await TemporarySite.create(
    inFunctions({
      'a/a.ts': '',
      'a/index.ts': '',
      'b/index.mjs': '',
      'b/other.js': '',
      'c/main.go': '',
      'd/d.go': '',
      'd/other.go': '',
    }),
  );
  const functions = path.join(site.directory, 'netlify/functions');
  const { entries, diagnostics } = await scan([functions]);
  expect(diagnostics).toEqual([]);
  expect(entries).toEqual([
    {
      kind: 'javascript',
      name: 'a',
      mainFile: path.join(functions, 'a/a.ts'),
      functionsDirectory: functions,
      directory: path.join(functions, 'a'),
    },
    {
      kind: 'javascript',
      name: 'b',
      mainFile: path.join(functions, 'b/index.mjs'),
      functionsDirectory: functions,
      directory: path.join(functions, 'b'),
    },
    {
      kind: 'go-source',
      name: 'c',
      mainFile: path.join(functions, 'c/main.go'),
      functionsDirectory: functions,
      directory: path.join(functions, 'c'),
    },
    {
      kind: 'go-source',
      name: 'd',
      mainFile: path.join(functions, 'd/d.go'),
      functionsDirectory: functions,
      directory: path.join(functions, 'd'),
    },
  ]);
});

const decided: readonly (readonly [string, SiteFiles, string, RegExp])[] = [
  [
    'two extensions',
    { 'a.ts': '', 'a.js': '' },
    'a.js',
    /Several files are the function "a": functions\/a\.js and functions\/a\.ts\. As on Netlify, functions\/a\.js is taken/,
  ],
  [
    'three extensions',
    { 'a.mts': '', 'a.ts': '', 'a.zip': '' },
    'a.zip',
    /a\.mts and functions\/a\.ts and functions\/a\.zip/,
  ],
  [
    'a file and a directory',
    { 'a.mts': '', 'a/index.mts': '' },
    'a/index.mts',
    /functions\/a\.mts and functions\/a\/index\.mts\. As on Netlify, functions\/a\/index\.mts/,
  ],
  [
    'source and output in one directory',
    { 'a/a.js': '', 'a/a.ts': '' },
    'a/a.js',
    /two files that could start it: a\.js and a\.ts\. As on Netlify, a\.js is taken/,
  ],
];
test.each(decided)(
  'of %s of the same name the one that Netlify takes is kept, with a warning',
  async (_title, files, taken, message) => {
    await using site = await TemporarySite.create(inFunctions(files));
    const functions = path.join(site.directory, 'netlify/functions');
    const { entries, diagnostics } = await scan([functions]);
    expect(entries.map(({ mainFile }) => path.relative(functions, mainFile))).toEqual([taken]);
    expect(diagnostics).toMatchObject([
      { severity: 'warning', code: 'FUNCTION_CONFLICT', message: expect.stringMatching(message) },
    ]);
  },
);

const conflicts: readonly (readonly [string, SiteFiles, RegExp])[] = [
  [
    'a script and a Go directory',
    { 'a.js': '', 'a/main.go': '' },
    /functions\/a\.js and functions\/a\/main\.go/,
  ],
  [
    'two languages in one directory',
    { 'a/index.js': '', 'a/main.go': '' },
    /The function directory a has two files that could start it: index\.js and main\.go/,
  ],
  [
    'names that differ in case',
    { 'mail.ts': '', 'Mail.js': '' },
    /functions\/Mail\.js and functions\/mail\.ts have names that differ in upper and lower case alone/,
  ],
];
test.each(conflicts)(
  '%s of the same name are an error that names the files',
  async (_title, files, message) => {
    const { names, messages } = await scanFiles({ ...files, 'other.ts': '' });
    expect(names).toEqual([['other', 'javascript']]);
    expect(messages).toEqual([expect.stringMatching(message)]);
  },
);

test('a function of a later functions directory replaces a function of the same name', async () => {
  await using site = await TemporarySite.create({
    'one/a.js': '',
    'one/b.js': '',
    'two/a.ts': '',
    'two/B.js': '',
  });
  const { entries, diagnostics } = await scan(
    ['one', 'two'].map((name) => path.join(site.directory, name)),
  );
  expect(entries.map(({ mainFile }) => path.relative(site.directory, mainFile))).toEqual([
    'two/a.ts',
  ]);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(/one\/b\.js and two\/B\.js have names that differ/),
  ]);
});

test('symbolic links are followed, and a broken link is reported', async () => {
  await using site = await TemporarySite.create({ 'lib/impl.ts': '', 'lib/dir/index.ts': '' });
  const functions = path.join(site.directory, 'netlify/functions');
  await symlink('../../lib/impl.ts', path.join(functions, 'linked.ts'));
  await symlink('../../lib/dir', path.join(functions, 'directory'));
  await symlink('../../lib/gone.ts', path.join(functions, 'broken.ts'));
  const { entries, diagnostics } = await scan([functions]);
  expect(entries.map(({ name }) => name)).toEqual(['directory', 'linked']);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    'broken.ts is a symbolic link to something that does not exist.',
  ]);
});

test('a Rust function is reported as a Rust function', async () => {
  expect((await scanFiles({ 'a/Cargo.toml': '', 'a/src/main.rs': '' })).messages).toEqual([
    expect.stringContaining('a is a Rust function'),
  ]);
});

test('a program that was not built by Go is not a function', async () => {
  const { names, messages } = await scanFiles({
    tool: Buffer.from('7f454c4602010100000000000000000002003e00', 'hex'),
  });
  expect(names).toEqual([]);
  expect(messages).toEqual([
    expect.stringContaining('tool is an executable without Go build information'),
  ]);
});

test.skipIf(process.getuid?.() === 0)(
  'a functions directory that cannot be read is an error',
  async () => {
    await using site = await TemporarySite.create({});
    const functions = path.join(site.directory, 'netlify/functions');
    await chmod(functions, 0o000);
    await expect(scan([functions])).rejects.toMatchObject({
      code: 'FUNCTIONS_DIRECTORY_UNREADABLE',
      kind: 'config',
    });
    await chmod(functions, 0o755);
  },
);
