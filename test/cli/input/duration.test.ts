import { describe, expect, test } from 'vitest';
import { parseDurationMs, parsePointInTimeMs } from '../../../src/cli/input/duration.ts';

describe('lengths of time on the command line', () => {
  test.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDurationMs(text)).toBe(milliseconds);
  });

  test.each(['', '10', 'm', '10 m', '-5s', '5w', '1h30m'])(
    '"%s" is refused with the accepted forms',
    (text) => {
      expect(() => parseDurationMs(text)).toThrow('such as 30s, 10m, 2h or 7d');
    },
  );
});

describe('points in time on the command line', () => {
  const nowMs = Date.parse('2026-05-01T12:00:00Z');

  test('an age is counted back from now', () => {
    expect(parsePointInTimeMs('10m', nowMs)).toBe(Date.parse('2026-05-01T11:50:00Z'));
  });

  test('a date is read as it is', () => {
    expect(parsePointInTimeMs('2026-04-30T00:00:00Z', nowMs)).toBe(
      Date.parse('2026-04-30T00:00:00Z'),
    );
  });

  test('a date may be short: the day begins at 00:00 UTC, a time without a zone is the local one', () => {
    expect(parsePointInTimeMs('2026-04-30', nowMs)).toBe(Date.parse('2026-04-30T00:00:00Z'));
    expect(parsePointInTimeMs('2026-04-30 08:15', nowMs)).toBe(
      new Date(2026, 3, 30, 8, 15).getTime(),
    );
    expect(parsePointInTimeMs('2026-04-30T08:15:00+02:00', nowMs)).toBe(
      Date.parse('2026-04-30T06:15:00Z'),
    );
  });

  test.each([
    'yesterday-ish',
    '',
    '10',
    '2',
    '2026',
    '-1h',
    '1w',
    '5/1/2026',
    '2026-13-01',
    'May 1',
  ])('"%s" is refused with both forms', (text) => {
    expect(() => parsePointInTimeMs(text, nowMs)).toThrow('an age such as 10m or 2h, or a date');
  });
});
