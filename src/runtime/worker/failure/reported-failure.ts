import type { RunFailure } from '../worker.ts';
import { withoutOwnFrames } from './own-frames.ts';

const maxMessageCharacters = 4096;

/**
 * The failure that a worker reports in an error document of the Runtime API. Runtimes differ in
 * their lists of stack frames: Node's is `trace`, that of Go and Python `stackTrace`.
 *
 * @param typeHeader The error type that stands beside the document, in a header or trailer
 */
export function reportedFailure(
  reason: 'error' | 'init',
  document: Uint8Array,
  typeHeader: string | undefined,
): RunFailure {
  const text = Buffer.from(document).toString('utf8');
  const report = parseRecord(text);
  const stack = stackFrom(report['trace'] ?? report['stackTrace']);
  return {
    reason,
    type: stringOf(report['errorType']) ?? typeHeader ?? 'Error',
    message: stringOf(report['errorMessage']) ?? text.slice(0, maxMessageCharacters),
    stack: stack === undefined ? undefined : withoutOwnFrames(stack),
  };
}

function parseRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function stackFrom(frames: unknown): string | undefined {
  if (typeof frames === 'string') return frames;
  if (!Array.isArray(frames) || frames.length === 0) return undefined;
  return frames.map((frame: unknown) => frameLine(frame)).join('\n');
}

/** Node's frames are lines already; those of other runtimes are objects. */
function frameLine(frame: unknown): string {
  if (!isRecord(frame)) return String(frame);
  const label = stringOf(frame['label']) ?? '?';
  const file = stringOf(frame['path']) ?? '?';
  return `    at ${label} (${file}:${String(frame['line'])})`;
}
