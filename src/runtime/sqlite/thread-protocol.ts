import { BgfnError, type BgfnErrorKind } from '../../diagnostic/bgfn-error.ts';
import type { DiagnosticCode } from '../../diagnostic/codes.ts';

/** One call from the main thread; its answer has the same `id`. */
export interface ThreadRequest {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type ThreadAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ThreadError };

/** An error in a form that can be sent between threads. */
export type ThreadError =
  | {
      readonly kind: 'user';
      readonly code: DiagnosticCode;
      readonly message: string;
      readonly errorKind: BgfnErrorKind;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string | undefined };

/** The id of the thread's first message, which reports that the database is open or why it is not. */
export const helloId = 0;

/**
 * The medium cannot be read or written at the moment. Each user of a database thread maps this
 * error to its own.
 */
export class MediumUnavailableError extends Error {
  override readonly name = 'MediumUnavailableError';
}

export function encodeError(error: unknown): ThreadError {
  if (error instanceof BgfnError) {
    return {
      kind: 'user',
      code: error.code,
      message: error.message,
      errorKind: error.kind,
      hint: error.hint,
    };
  }
  if (error instanceof MediumUnavailableError) {
    return { kind: 'unavailable', message: error.message };
  }
  return error instanceof Error
    ? { kind: 'bug', message: error.message, stack: error.stack }
    : { kind: 'bug', message: String(error), stack: undefined };
}

export function decodeError(error: ThreadError): Error {
  switch (error.kind) {
    case 'user':
      return new BgfnError(error.code, error.message, {
        kind: error.errorKind,
        hint: error.hint,
      });
    case 'unavailable':
      return new MediumUnavailableError(error.message);
    case 'bug': {
      const bug = new Error(error.message);
      if (error.stack !== undefined) {
        bug.stack = error.stack;
      }
      return bug;
    }
  }
}
