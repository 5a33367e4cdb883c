import { BgfnError } from '../../diagnostic/bgfn-error.ts';

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Converts a five-field cron expression (UTC, Sunday is 0 or 7) to EventBridge's form: `cron(minute
 * hour day-of-month month day-of-week year)`, Sunday is 1, and exactly one of the two day fields is
 * `?` (Amazon EventBridge User Guide, "Cron expressions").
 *
 * @throws {BgfnError} `SCHEDULE_NOT_PORTABLE` where the two dialects differ in meaning: cron runs
 *   on either day field when both are set.
 */
export function toEventBridgeCron(schedule: string): string {
  const fields = (nicknames[schedule.trim()] ?? schedule.trim()).split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  if (
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    fields.length !== 5
  ) {
    throw new BgfnError(
      'SCHEDULE_NOT_PORTABLE',
      `The schedule "${schedule}" has ${fields.length} fields; EventBridge rules are made from five.`,
    );
  }
  if (dayOfMonth !== '*' && dayOfWeek !== '*') {
    throw new BgfnError(
      'SCHEDULE_NOT_PORTABLE',
      `The schedule "${schedule}" sets both a day of the month and a day of the week, which EventBridge cannot do in one rule.`,
      {
        hint: 'Write two functions, one for each day field.',
      },
    );
  }
  const days =
    dayOfWeek === '*'
      ? `${withStart(dayOfMonth, 1)} ${withStart(month, 1)} ?`
      : `? ${withStart(month, 1)} ${toEventBridgeDays(dayOfWeek)}`;
  return `cron(${withStart(minute, 0)} ${withStart(hour, 0)} ${days} *)`;
}

/** EventBridge needs the start of a step: `0/5` for minutes, `1/5` for days and months. */
function withStart(field: string, first: 0 | 1): string {
  return field.toUpperCase().replaceAll(/(^|,)\*\//g, `$1${first}/`);
}

const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * The days of the week as a list of names, which avoids EventBridge's numbering and makes a range
 * over Sunday (`5-7`) an ordinary one.
 */
function toEventBridgeDays(field: string): string {
  const days = field.split(',').flatMap((part) => {
    const [range = '*', step = '1'] = part.split('/');
    const [from, to] = range === '*' ? [0, 6] : daysOfRange(range, part.includes('/'));
    const count = ((to - from + 7) % 7) + 1;
    return Array.from(
      { length: Math.ceil(count / Number(step)) },
      (_, index) => (from + index * Number(step)) % 7,
    );
  });
  return [...new Set(days)]
    .toSorted((a, b) => a - b)
    .map((day) => dayNames[day])
    .join(',');
}

function daysOfRange(range: string, hasStep: boolean): [number, number] {
  const [from = 0, to = hasStep ? 6 : from] = range
    .split('-')
    .map((day) => (/^\d$/.test(day) ? Number(day) % 7 : dayNames.indexOf(day.toUpperCase())));
  return [from, to];
}
