import path from 'node:path';
import { inspect } from 'node:util';
import type { ErrorReport } from './runtime-connection.ts';

const maxTraceCharacters = 65_536;

/** What is told about a thrown value, which may be anything. The trace has the causes and the error's own properties, as Node prints them. */
export function reportOf(thrown: unknown): ErrorReport {
  try {
    if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
      const errorMessage = typeof thrown === 'string' ? thrown : inspect(thrown);
      return { errorType: typeof thrown, errorMessage, trace: [] };
    }
    const errorType = typeof thrown.name === 'string' && thrown.name !== '' ? thrown.name : 'Error';
    return { errorType, errorMessage: thrown.message, trace: readable(inspect(thrown)).slice(0, maxTraceCharacters).split('\n') };
  } catch {
    return { errorType: 'Error', errorMessage: 'The thrown value could not be read.', trace: [] };
  }
}

/** Source maps name sources relative to the artifact, where they are not: what is left is their path in the project. */
function readable(trace: string): string {
  const { LAMBDA_TASK_ROOT: taskRoot } = process.env;
  return process.sourceMapsEnabled && taskRoot !== undefined ? trace.replaceAll(`${taskRoot}${path.sep}`, '') : trace;
}

/** An error of another realm, such as a `vm` context. */
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value && 'name' in value;
}
