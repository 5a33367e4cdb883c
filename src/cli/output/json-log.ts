import { pino, type Logger } from 'pino';
import type { LogLine } from '../../runtime/logs/log-store.ts';

/** Writes documents whose keys are bgfn's; the fields of a function's own log line stay in `data`. */
const log: Logger = pino(
  {
    base: null,
    level: 'debug',
    formatters: { level: (label) => ({ level: label }) },
    // Each document has the time of the line, not of its writing.
    timestamp: false,
  },
  process.stdout,
);

/**
 * Writes a line to stdout as one JSON document, as log shippers read it: `level`, `time` (ISO
 * 8601), `function`, `invocation`, `attempt`, `stream`, `msg`, and `data` when the line itself was
 * a JSON object, as structured loggers print.
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
