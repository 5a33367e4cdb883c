import { pino, type Logger } from 'pino';
import type { LogLine } from '../../runtime/logs/log-store.ts';

/** Writes documents with bgfn's own keys. The fields of a function's own JSON line are in `data`. */
const log: Logger = pino(
  {
    base: null,
    level: 'debug',
    formatters: { level: (label) => ({ level: label }) },
    // Each document has the time of its log line, not the time at which it is written.
    timestamp: false,
  },
  process.stdout,
);

/**
 * Writes a log line to stdout as one JSON document, in the form that log shippers read: `level`,
 * `time` (ISO 8601), `function`, `invocation`, `attempt`, `stream`, `msg`, and `data` when the line
 * itself is a JSON object, as structured loggers print.
 */
export function writeJsonLine(line: Omit<LogLine, 'sequence'>): void {
  const { level, atMs, functionName, invocationId, attempt, stream, text } = line;
  const data = objectIn(text);
  log[level](
    {
      time: new Date(atMs).toISOString(),
      function: functionName,
      invocation: invocationId,
      attempt,
      stream,
      data,
    },
    // A % in the text is safe: pino interpolates only when there are further arguments.
    text,
  );
}

function objectIn(text: string): object | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
