import type { RunFailure } from '../worker.ts';
import { withoutOwnFrames } from './own-frames.ts';

const maxMessageCharacters = 4096;

/**
 * Reads the failure that a worker reports in an error document of the Runtime API. The field with
 * the stack frames depends on the language: it is `trace` for Node, and `stackTrace` for Go and
 * Python.
 *
 * @param typeHeader The error type that is sent beside the document, in a header or trailer
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

/**
 * Returns a stack frame as a line. Frames of Node are lines already, frames of other runtimes are
 * objects.
 */
function frameLine(frame: unknown): string {
  if (!isRecord(frame)) return String(frame);
  const label = stringOf(frame['label']) ?? '?';
  const file = stringOf(frame['path']) ?? '?';
  return `    at ${label} (${file}:${String(frame['line'])})`;
}
