import pc from 'picocolors';
import { formatLogLine, type LinePaint } from '../../runtime/logs/format-line.ts';
import type { LogLine } from '../../runtime/logs/log-store.ts';
import { writeJsonLine } from './json-log.ts';

const nameColours = [pc.cyan, pc.magenta, pc.blue, pc.green, pc.yellow] as const;

/** Colours of a log line on a terminal: the name of a function always has the same colour. */
const terminalPaint: LinePaint = {
  dim: pc.dim,
  name: (text) => (nameColours[hash(text) % nameColours.length] ?? pc.cyan)(text),
  warn: pc.yellow,
  error: pc.red,
  platform: pc.dim,
};

/** Writes a log line to stdout, as text for a person or as a JSON document. */
export function printLogLine(line: Omit<LogLine, 'sequence'>, json: boolean): void {
  if (json) writeJsonLine(line);
  else process.stdout.write(`${formatLogLine(line, Date.now(), terminalPaint)}\n`);
}

function hash(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7);
}
