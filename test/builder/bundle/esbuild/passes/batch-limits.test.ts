import { expect, test } from 'vitest';
import { batchLimits } from '../../../../../src/builder/bundle/esbuild/passes/batch-limits.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

test('a build in a small container waits for its first output before it makes calls at once', () => {
  expect(batchLimits(undefined, 2 * gibibyte).calls).toBe(1);
  expect(batchLimits(mebibyte, 2 * gibibyte).calls).toBeGreaterThan(4);
});

test('large functions take turns, fewer at once the less memory there is', () => {
  const output = 33 * mebibyte;
  expect(batchLimits(output, gibibyte)).toMatchObject({ calls: 1, functions: 1 });
  expect(batchLimits(output, 2 * gibibyte)).toMatchObject({ calls: 1, functions: 2 });
  expect(batchLimits(output, 24 * gibibyte)).toMatchObject({ calls: 2, functions: 4 });
});

test('functions with nothing visible in common share a call once they turn out to be large', () => {
  expect(batchLimits(mebibyte, 24 * gibibyte).gathersAll).toBe(false);
  expect(batchLimits(33 * mebibyte, 24 * gibibyte).gathersAll).toBe(true);
});
