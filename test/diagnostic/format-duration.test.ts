import { expect, test } from 'vitest';
import { formatDuration } from '../../src/diagnostic/format-duration.ts';

// The admin page's modules have no type declarations and cannot import from src/diagnostic, so the
// page has its own copy of the function.
const page = '../../src/runtime/admin/page/format.js';
const { duration } = (await import(page)) as { duration: (milliseconds: number) => string };

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [12_345, '12.3 s'],
  [245_000, '4 m 05 s'],
  [12_000_000, '3 h 20 m'],
  [187_200_000, '2 d 4 h'],
  [-5, '0 ms'],
])('%i ms reads as %s, here and on the admin page', (milliseconds, text) => {
  expect([formatDuration(milliseconds), duration(milliseconds)]).toEqual([text, text]);
});
