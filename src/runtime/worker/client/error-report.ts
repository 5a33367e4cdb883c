import path from 'node:path';
import { inspect } from 'node:util';
import type { ErrorReport } from './runtime-connection.ts';

/**
 * Limits of an error report. Their sum stays below the 1 MiB that the runtime accepts of a report,
 * however many characters JSON escapes.
 */
const maxTypeCharacters = 256;
const maxMessageCharacters = 65_536;
const maxTraceCharacters = 65_536;

/**
 * Creates the report of a thrown value, which may be anything, for example a proxy or an error
 * whose getters throw. The trace includes the causes and the error's own properties, as Node prints
 * them.
 */
export function reportOf(thrown: unknown): ErrorReport {
  const error = attempt(() => (isErrorLike(thrown) ? thrown : undefined));
  if (error === undefined) {
    const errorMessage =
      typeof thrown === 'string' ? thrown : (attempt(() => inspect(thrown)) ?? unreadable);
    return {
      errorType: typeof thrown,
      errorMessage: beginningOf(errorMessage, maxMessageCharacters),
      trace: [],
    };
  }
  const name = attempt(() => error.name);
  const trace =
    attempt(() => inspect(error)) ??
    attempt(() => (typeof error.stack === 'string' ? error.stack : undefined));
  return {
    errorType:
      typeof name === 'string' && name !== '' ? beginningOf(name, maxTypeCharacters) : 'Error',
    errorMessage: beginningOf(
      attempt(() => messageText(error.message)) ?? unreadable,
      maxMessageCharacters,
    ),
    trace:
      trace === undefined ? [] : withoutMiddle(readable(trace), maxTraceCharacters).split('\n'),
  };
}

const unreadable = 'The thrown value could not be read.';

/** Returns the result of `read`, or `undefined` if `read` throws, as getters and proxies can. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function messageText(message: unknown): string {
  if (typeof message === 'string') return message;
  return message === undefined ? '' : inspect(message);
}

function beginningOf(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters
    ? text
    : `${text.slice(0, maxCharacters)}… (${text.length - maxCharacters} characters more)`;
}

/**
 * Shortens a trace in the middle. A trace begins with the message, which may be long, and ends with
 * the frames; the beginning and the end are kept.
 */
function withoutMiddle(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const half = maxCharacters / 2;
  const note = `… (${text.length - maxCharacters} characters left out) …`;
  return `${text.slice(0, half)}${note}${text.slice(-half)}`;
}

/**
 * Removes the artifact's directory from the paths in a trace. Source maps name sources relative to
 * that directory, so the path of the source in the project remains.
 */
function readable(trace: string): string {
  const { LAMBDA_TASK_ROOT: taskRoot } = process.env;
  return process.sourceMapsEnabled && taskRoot !== undefined
    ? trace.replaceAll(`${taskRoot}${path.sep}`, '')
    : trace;
}

/** An error whose fields may have any type. */
type ErrorLike = Readonly<Record<'name' | 'message' | 'stack', unknown>>;

/** Whether a value is an error, including errors of another realm such as a `vm` context. */
function isErrorLike(value: unknown): value is ErrorLike {
  return (
    value instanceof Error ||
    (typeof value === 'object' &&
      value !== null &&
      'message' in value &&
      'stack' in value &&
      'name' in value)
  );
}
