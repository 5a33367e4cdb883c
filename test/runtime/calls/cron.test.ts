import { expect, test } from 'vitest';
import { nextRunOf } from '../../../src/runtime/calls/cron.ts';

test('a schedule has a next run, and a text that is not a schedule has none', () => {
  expect(nextRunOf('0 12 29 2 *', Date.parse('2026-03-01T00:00:00Z'))?.toISOString()).toBe(
    '2028-02-29T12:00:00.000Z',
  );
  expect(nextRunOf('nonsense', 0)).toBe(null);
});
