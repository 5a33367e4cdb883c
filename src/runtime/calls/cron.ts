import { Cron } from 'croner';

/**
 * Parses a schedule: five fields in UTC, or an alias such as `@daily`. No callback is passed, so
 * croner starts no timer of its own.
 *
 * @throws {Error} The error of croner, when the text is not a cron expression.
 */
export function parseCron(schedule: string): Cron {
  return new Cron(schedule, { timezone: 'UTC', mode: '5-part' });
}

/**
 * The next time of a schedule after `afterMs`; `null` if there is none or the schedule is not
 * valid.
 */
export function nextRunOf(schedule: string, afterMs: number): Date | null {
  try {
    return parseCron(schedule).nextRun(new Date(afterMs));
  } catch {
    return null;
  }
}
