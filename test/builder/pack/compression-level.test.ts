import { expect, test } from 'vitest';
import { compressionLevelOf } from '../../../src/builder/pack/compression-level.ts';
import { textFile } from './support/bundles.ts';

const megabyte = 1024 * 1024;
const sized = (path: string, text: string) => {
  const file = textFile(path, text);
  return { ...file, bytes: file.content.bytes.byteLength };
};
const code = sized('f.mjs', 'x'.repeat(2 * megabyte));
const smallLibrary = sized('small.node', '\0'.repeat(1.5 * megabyte));
const largeLibrary = sized('large.node', '\0'.repeat(3 * megabyte));

test('a zip of mostly machine code is deflated at a lower level', () => {
  expect(compressionLevelOf([code, largeLibrary])).toBe(1);
  expect(compressionLevelOf([code, smallLibrary])).toBe(5);
  expect(compressionLevelOf([code])).toBe(5);
  expect(compressionLevelOf([])).toBe(5);
});
