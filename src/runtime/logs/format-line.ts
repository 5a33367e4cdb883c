import type { LogLine } from './log-store.ts';
import { visibleText } from './visible-text.ts';

/**
 * The characters of an invocation id that are shown to people: its random tail, which tells two
 * calls of one minute apart.
 */
const shortIdLength = 8;

/** The part of an invocation id that people read and that `bgfn invocations show` takes. */
function shortInvocationId(id: string): string {
  return id.slice(-shortIdLength);
}

/**
 * One log line for a person: time of day (UTC; with the date when it is not that of `nowMs`),
 * function, short invocation id with the attempt, text. Control characters of the text are made
 * visible. `paint` colours a part, or returns it as it is.
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
