import type { LogLevel } from './log-store.ts';

/** The words that loggers and people use for a level. */
const levels: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  verbose: 'debug',
  info: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  critical: 'error',
  panic: 'error',
  alert: 'error',
  emergency: 'error',
};

/**
 * `[warn] …`, `WARN …`, `warn: …`. A lower-case word without brackets or a colon is not a level,
 * because it may begin an ordinary sentence.
 */
const prefix = /^\s*(?:\[(\w+)\]|([A-Z]{3,9})(?=[\s:|])|(\w+):(?=\s))/;
/** Logfmt as Go's slog writes it: `time=… level=WARN msg=…`. */
const logfmt = /(?:^|\s)level=["']?(\w+)/i;
/** Warnings of Node itself: `(node:4711) DeprecationWarning: …` and the hint on the next line. */
const nodeWarning =
  /^\(node:\d+\) .*Warning: |^\(Use `\S+ --trace-[a-z]+ \.\.\.` to show where the warning was created\)$/;
/** The length of the longest line that is searched, in characters. */
const maxLength = 65_536;

/**
 * Detects the level that the text of a line names: the `level` (a word, or a number of pino) or the
 * `severity` of a JSON object, `level=` of logfmt, or a word at the beginning. Returns `undefined`
 * if the text names no level; `observe/log-sink.ts` then chooses the level by the stream of the
 * line.
 */
export function detectLevel(text: string): LogLevel | undefined {
  if (text.length > maxLength) return undefined;
  if (text.startsWith('{') && text.endsWith('}')) return levelOfJson(text);
  if (nodeWarning.test(text)) return 'warn';
  const [, bracketed, upper, before] = prefix.exec(text) ?? [];
  return wordLevel(bracketed ?? upper ?? before) ?? wordLevel(logfmt.exec(text)?.[1]);
}

function levelOfJson(text: string): LogLevel | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const said: unknown =
    ('level' in value && value.level) || ('severity' in value && value.severity);
  if (typeof said === 'string') return wordLevel(said);
  return typeof said === 'number' ? numberLevel(said) : undefined;
}

/** https://getpino.io/#/docs/api?id=loggerlevels: 20 is debug, 30 info, 40 warn, 50 error. */
function numberLevel(level: number): LogLevel {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

function wordLevel(word: string | undefined): LogLevel | undefined {
  const key = word?.toLowerCase() ?? '';
  return Object.hasOwn(levels, key) ? levels[key] : undefined;
}
