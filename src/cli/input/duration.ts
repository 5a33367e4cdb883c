import { InvalidArgumentError } from 'commander';

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Parses a duration such as `30s`, `10m`, `2h` or `7d` to milliseconds. Any other text is a usage
 * error.
 */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim());
  const unit = unitMs[match?.[2] ?? ''];
  if (unit === undefined) {
    throw new InvalidArgumentError('expected a number and a unit, such as 30s, 10m, 2h or 7d');
  }
  return Number(match?.[1]) * unit;
}

/** Accepted dates. `Date.parse` accepts far more: it reads `10` as October 2001. */
const date = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Parses a point in time to milliseconds since the epoch: an age before now (`10m`) or a date
 * (`2026-05-01T12:00:00Z`, or shorter). Any other text is a usage error.
 */
export function parsePointInTimeMs(text: string, nowMs: number): number {
  if (/^\d+(?:\.\d+)?[smhd]$/.test(text.trim())) return nowMs - parseDurationMs(text);
  const atMs = date.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN;
  if (Number.isNaN(atMs)) {
    throw new InvalidArgumentError(
      'expected an age such as 10m or 2h, or a date such as 2026-05-01T12:00:00Z',
    );
  }
  return atMs;
}
