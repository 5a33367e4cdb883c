import { expect, test } from 'vitest';
import { scheduleProblem } from '../../../src/builder/config/schedule.ts';

test.each([
  '* * * * *',
  '*/5 0-6 1,15 JAN-mar Mon-FRI',
  '0 8 * * 1',
  '0 0 29 2 *',
  ' 0 0 * * 7 ',
  '@hourly',
  '@daily',
  '@weekly',
  '@monthly',
  '@yearly',
  '@Daily',
])('%s is accepted', (schedule) => {
  expect(scheduleProblem(schedule)).toBeUndefined();
});

test.each([
  '',
  '*',
  '* * * *',
  '0 * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '0 0 31 2 *',
  '0 0 L * *',
  '0 0 15W * *',
  '0 0 * * 5#2',
  '? * * * *',
  'a b c d e',
  '@annually',
  '@reboot',
  '@',
  '5-1 * * * *',
  '*/0 * * * *',
])('%j is refused', (schedule) => {
  expect(scheduleProblem(schedule)).toEqual(expect.any(String));
});
