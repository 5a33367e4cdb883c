import { Cron } from 'croner';
import { messageOf } from '../../diagnostic/system-error.ts';

/** The nicknames that Netlify accepts. It documents `@reboot` and `@annually` as not supported. */
const nicknames = ['@hourly', '@daily', '@weekly', '@monthly', '@yearly'];
const names =
  /\b(?:SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b/gi;

/**
 * Says what is wrong with a schedule; undefined when Netlify would accept the schedule. Netlify
 * accepts a nickname, or five cron fields (minute, hour, day of month, month, day of week; UTC) of
 * numbers, names, `*`, `,`, `-` and `/`.
 */
export function scheduleProblem(schedule: string): string | undefined {
  const text = schedule.trim();
  if (text.startsWith('@')) {
    return nicknames.includes(text.toLowerCase())
      ? undefined
      : `"${text}" is not one of ${nicknames.join(', ')}`;
  }
  const fields = text.split(/\s+/);
  if (text === '' || fields.length !== 5) {
    return `a cron expression has five fields (minute hour day month weekday), this has ${text === '' ? 'none' : fields.length}`;
  }
  const odd = /[^\d*,/-]/.exec(text.replaceAll(names, '').replaceAll(/\s/g, ''));
  if (odd !== null) return `"${odd[0]}" has no meaning in the five-field cron that Netlify runs`;
  try {
    const cron = new Cron(text, { mode: '5-part', paused: true, timezone: 'UTC' });
    return cron.nextRun() === null ? 'no moment in time ever matches it' : undefined;
  } catch (error) {
    return messageOf(error)
      .replace(/^CronPattern: /, '')
      .replace(/\.$/, '');
  }
}
