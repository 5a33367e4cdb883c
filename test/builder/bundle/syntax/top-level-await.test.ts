import { expect, test } from 'vitest';
import { hasTopLevelAwait } from '../../../../src/builder/bundle/syntax/top-level-await.ts';

test.each([
  [`export const a = await load();`, true],
  [`import b from 'b'; if (b) { for await (const c of b) use(c); }`, true],
  [`export const a = async () => await load();`, false],
  [`export class A { async a() { await load(); } }`, false],
  [`import b from 'b'; // await`, false],
  [
    `export default { async a() { await load(); }, b: class { c = async () => await load(); } };`,
    false,
  ],
])('%s waits at its top level: %s', (source, waits) => {
  expect(hasTopLevelAwait('module.js', source)).toBe(waits);
});
