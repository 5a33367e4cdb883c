import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../../support/bundle-rig.ts';
import { answer } from '../../support/sources.ts';

/** 64 characters of base64, as in a line of a key. */
const line = 'MC4CAQAwBQYDK2VwBCIEIH'.padEnd(64, 'q7Zs');
const [begin, end] = ['-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----'];

async function codesFor(source: string): Promise<readonly string[]> {
  await using rig = await BundleRig.create({ 'functions/f.mjs': source });
  return bundleOf(await rig.bundle('functions/f.mjs')).warnings.map(({ code }) => code);
}

test.each([
  ['a key', `const key = '${begin}\\n${line}\\n${end}';`],
  ['a key in a template', `const key = \`${begin}\n${line}\n${end}\`;`],
  ['a key put together', `const key = '${begin}\\n' +\n  '${line}\\n' +\n  '${end}';`],
  ['lines of a key', `const key = ['${begin}', '${line}', '${end}'].join('\\n');`],
  ['a live key', `const key = 'sk_live_0123456789abcdef';`],
])('%s in the source is reported', async (_what, declaration) => {
  expect(await codesFor(`${declaration}\n${answer('key.length')}`)).toContain('SECRET_IN_SOURCE');
});

test.each([
  ['code that wraps a key', `const wrap = (key) => \`${begin}\\n\${key}\\n${end}\`;`],
  ['code that adds the lines', `const wrap = (key) => '${begin}\\n' + key + '\\n${end}';`],
  ['a search', `const wrap = (text) => text.includes('${begin}');`],
  ['a placeholder', `const wrap = '${begin}\\n...\\n${end}';`],
  ['the key of a documentation', `const wrap = 'AKIAIOSFODNN7EXAMPLE';`],
  ['a placeholder of a live key', `const wrap = 'sk_live_xxxxxxxxxxxxxxxx';`],
])('%s is none', async (_what, declaration) => {
  expect(await codesFor(`${declaration}\n${answer('typeof wrap')}`)).toEqual([]);
});
