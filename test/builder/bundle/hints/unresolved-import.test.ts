import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const files = {
  'functions/Schema.ts': 'export const x = 1;',
  'functions/lib/thing.ts': 'export const x = 1;',
  'functions/lib/only.d.ts': 'export type T = 1;',
  'shared/value.ts': 'export const x = 1;',
  'node_modules/exporter/package.json':
    '{"name":"exporter","exports":{".":"./i.js","./part":"./part.js"}}',
  'node_modules/exporter/i.js': 'exports.x = 1;',
  'node_modules/exporter/part.js': 'exports.x = 1;',
  'node_modules/files-only/package.json': '{"name":"files-only"}',
  'node_modules/files-only/file.js': 'exports.x = 1;',
  'node_modules/types/package.json': '{"name":"types","types":"i.d.ts"}',
  'node_modules/types/i.d.ts': 'export type T = 1;',
};

test.each([
  ['./schema', 'Write "./Schema": upper and lower case differ on Linux, though not on most Macs.'],
  [
    './schema.js',
    'Write "./Schema.js": upper and lower case differ on Linux, though not on most Macs.',
  ],
  [
    './Lib/thing.ts',
    'Write "./lib/thing.ts": upper and lower case differ on Linux, though not on most Macs.',
  ],
  ['./lib/thingg', 'Did you mean "./lib/thing"?'],
  ['../share/value', 'Did you mean "../shared/value"?'],
  ['./lib', './lib is a directory without an index file: name a file in it.'],
  ['./lib/only', 'Only types are there (only.d.ts): write "import type".'],
  ['./nothing', 'Check the path: no such file, with any of the extensions that are tried.'],
  ['exporter/parts', 'exporter does not export it. Did you mean "exporter/part"?'],
  [
    'exporter/lib/internal.js',
    'exporter is installed, but does not export it. It exports "exporter", "exporter/part".',
  ],
  [
    'files-only',
    'files-only is installed, but has no main module: import one of its files, as in "files-only/file.js".',
  ],
  [
    'files-only/other.js',
    'files-only is installed, but has no such file. Check the path and the version of the package.',
  ],
  ['types', 'types has types and no code: write "import type".'],
  [
    'not-installed/x',
    'Install it: npm install not-installed. If it is an alias, add it to "paths" in tsconfig.json.',
  ],
  [
    '@/shared/value',
    'It is an alias: add "@/*" to "paths" in tsconfig.json, with the directory it stands for.',
  ],
  [
    'shared/value',
    'It is a path in the project: write "../shared/value", or add "shared/*": ["./shared/*"] to "paths" in tsconfig.json.',
  ],
  ['bun:sqlite', 'Modules that start with "bun:" exist in Bun only; a function runs on Node.'],
  [
    'sqlite',
    'Write "node:sqlite" for the module of Node, or install the package: npm install sqlite.',
  ],
])('%s: %s', async (specifier, hint) => {
  await using rig = await BundleRig.create({
    ...files,
    'functions/f.ts': `import { x } from '${specifier}';\n${answer('x')}`,
  });
  expect(await rig.bundle('functions/f.ts')).toMatchObject({
    ok: false,
    diagnostics: [{ code: 'UNRESOLVED_IMPORT', message: `Cannot find "${specifier}".`, hint }],
  });
  const suggestion = /(?:Write|mean|write) "((?:\.|exporter)[^"]*)"/.exec(hint)?.[1];
  if (suggestion === undefined) return;
  await rig.write({ 'functions/f.ts': `import { x } from '${suggestion}';\n${answer('x')}` });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.ts')))).toBe('1');
});

test('a package that is listed and not installed has to be installed with the others', async () => {
  await using rig = await BundleRig.create({
    'package.json': '{"dependencies":{"listed":"1"}}',
    'package-lock.json': '{}',
    'functions/f.ts': `import { x } from 'listed/part';\n${answer('x')}`,
  });
  expect(await rig.bundle('functions/f.ts')).toMatchObject({
    diagnostics: [{ hint: 'package.json lists listed, but it is not installed: run "npm ci".' }],
  });
});
