import type { LogLine } from './log-store.ts';
import { visibleText } from './visible-text.ts';

/**
 * The number of characters of an invocation id that are shown to people. They are the random end of
 * the id, which distinguishes two calls of one minute.
 */
const shortIdLength = 8;

/** Returns the part of an invocation id that people read and that `bgfn invocations show` accepts. */
function shortInvocationId(id: string): string {
  return id.slice(-shortIdLength);
}

/**
 * Formats a log line for people: the time of day (UTC; with the date if the date is not that of
 * `nowMs`), the function, the short invocation id with the attempt, and the text. Control
 * characters of the text are made visible. The functions of `paint` colour a part of the line, or
 * return it unchanged.
 */
export function formatLogLine(
  line: Omit<LogLine, 'sequence'>,
  nowMs: number,
  paint: LinePaint = plainPaint,
): string {
  const [date, timeOfDay] = dateAndTime(line.atMs);
  const time = date === dateAndTime(nowMs)[0] ? timeOfDay : `${date} ${timeOfDay}`;
  const run =
    line.invocationId === undefined
      ? ''
      : ` ${shortInvocationId(line.invocationId)}#${line.attempt ?? 1}`;
  return `${paint.dim(time)} ${paint.name(line.functionName)}${paint.dim(run)} ${paintText(line, paint)}`;
}

function dateAndTime(atMs: number): readonly [date: string, timeOfDay: string] {
  const text = new Date(atMs).toISOString();
  return [text.slice(0, 10), text.slice(11, 23)];
}

export interface LinePaint {
  readonly dim: (text: string) => string;
  readonly name: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly error: (text: string) => string;
  readonly platform: (text: string) => string;
}

const same = (text: string): string => text;
const plainPaint: LinePaint = { dim: same, name: same, warn: same, error: same, platform: same };

function paintText(line: Omit<LogLine, 'sequence'>, paint: LinePaint): string {
  const text = visibleText(line.text);
  if (line.level === 'error') return paint.error(text);
  if (line.level === 'warn') return paint.warn(text);
  return line.stream === 'platform' ? paint.platform(text) : text;
}
