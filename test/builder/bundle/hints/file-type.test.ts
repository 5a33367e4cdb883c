import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const files = {
  'functions/schema.graphql': 'type Query',
  'functions/q.sql': 'select 1',
  'functions/c.yaml': 'a: 1',
  'functions/logo.png': 'png',
  'functions/View.vue': '<template />',
};

async function hintFor(source: string, file = 'functions/f.mjs'): Promise<string> {
  await using rig = await BundleRig.create({ ...files, [file]: source });
  const outcome = await rig.bundle(file);
  if (outcome.ok) throw new Error('The function was bundled.');
  const [diagnostic] = outcome.diagnostics;
  expect(diagnostic).toMatchObject({ code: 'FILE_TYPE_UNKNOWN', location: { line: 1 } });
  return diagnostic?.hint ?? '';
}

test.each([
  ['./schema.graphql', 'type Query'],
  ['./q.sql', 'select 1'],
  ['./q.sql?raw', 'select 1'],
  ['./c.yaml', 'a: 1'],
  ['./logo.png', 'png'],
])('what the hint on an import of %s says works', async (specifier, content) => {
  const hint = await hintFor(`import content from '${specifier}';\n${answer('content')}`);
  const statement = /import … (from .*;)/.exec(hint)?.[1] ?? '';
  const read = /(readFileSync\(.*\))\./.exec(hint)?.[1] ?? '';
  await using rig = await BundleRig.create({
    ...files,
    'functions/text.mjs': `import content ${statement}\n${answer('Buffer.from(content)')}`,
    'functions/read.mjs': `import { readFileSync } from 'node:fs';\n${answer(`${read}.toString()`)}`,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/text.mjs')))).toBe(content);
  expect(await rig.call(bundleOf(await rig.bundle('functions/read.mjs')))).toBe(content);
});

test('what the hint on an import() says works', async () => {
  const hint = await hintFor(
    `const { default: text } = await import('./q.sql');\n${answer('text')}`,
  );
  const load = /import\('.*\}\)/.exec(hint)?.[0] ?? '';
  await using rig = await BundleRig.create({
    ...files,
    'functions/f.mjs': `const { default: text } = await ${load};\n${answer('text')}`,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('select 1');
});

test('what the hint on a require() says works', async () => {
  const handler = 'exports.handler = async () => ({ statusCode: 200, body: text });';
  const hint = await hintFor(`const text = require('./q.sql');\n${handler}`, 'functions/f.cjs');
  const read = /require\(.*\)(?=\.)/.exec(hint)?.[0] ?? '';
  await using rig = await BundleRig.create({
    ...files,
    'functions/f.cjs': `const text = ${read};\n${handler}`,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.cjs')))).toBe('select 1');
});

test('a component is no code of a function', async () => {
  expect(await hintFor(`import View from './View.vue';\n${answer('View')}`)).toContain('framework');
});

test('an unknown type attribute names the known ones', async () => {
  await using rig = await BundleRig.create({
    ...files,
    'functions/f.mjs': dedent`
      import text from './q.sql' with { type: 'file' };
      ${answer('text')}
    `,
  });
  expect(await rig.bundle('functions/f.mjs')).toMatchObject({
    diagnostics: [{ hint: 'The types are "json", "text" and "bytes".' }],
  });
});
