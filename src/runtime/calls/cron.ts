import { Cron } from 'croner';

/**
 * Reads a schedule: five fields in UTC, or an alias such as `@daily`. It is given no function to
 * call, so croner starts no timer of its own.
 *
 * @throws {Error} The error of croner, when the text is not a cron expression.
 */
export function parseCron(schedule: string): Cron {
  return new Cron(schedule, { timezone: 'UTC', mode: '5-part' });
}

/** When a schedule is due next after `afterMs`; `null` when never again or when it is not valid. */
export function nextRunOf(schedule: string, afterMs: number): Date | null {
  try {
    return parseCron(schedule).nextRun(new Date(afterMs));
  } catch {
    return null;
  }
}
