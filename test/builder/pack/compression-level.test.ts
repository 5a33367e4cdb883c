import { expect, test } from 'vitest';
import { compressionLevelOf } from '../../../src/builder/pack/compression-level.ts';

const megabyte = 1024 * 1024;

test('machine code is deflated at a lower level than code and small files', () => {
  expect(compressionLevelOf(Buffer.alloc(megabyte))).toBe(1);
  expect(compressionLevelOf(Buffer.alloc(megabyte - 1))).toBe(5);
  expect(compressionLevelOf(Buffer.alloc(megabyte, 'x'))).toBe(5);
  expect(compressionLevelOf(Buffer.alloc(0))).toBe(5);
});
