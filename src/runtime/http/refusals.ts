import type { RunFailure } from '../worker/worker.ts';
import { requestIdHeader, type ErrorAnswer } from './error-answer.ts';

/*
 * The refusals of the functions' port. The admin port makes its own: 401, 403 and 421 in
 * admin/access.ts; 404, 405, 413 and others in admin/api/.
 */

/** Why a request reached no function. */
export type RequestRefusal =
  /** The functions are not loaded yet. */
  | { readonly reason: 'starting' }
  /** The request target or the Host header is not valid. */
  | { readonly reason: 'target-invalid' }
  /**
   * TRACE: `fetch` does not allow such a request, so no function could be called with it, and there
   * is no use for an echo of the caller's headers.
   */
  | { readonly reason: 'trace-request' }
  | { readonly reason: 'no-function'; readonly path: string; readonly similar: readonly string[] }
  /**
   * The endpoint of a function that has `path` routes of its own. `shownPaths` are these routes;
   * empty if the caller may not see them.
   */
  | {
      readonly reason: 'served-elsewhere';
      readonly path: string;
      readonly shownPaths: readonly string[];
    }
  | {
      readonly reason: 'method-not-allowed';
      readonly path: string;
      readonly method: string;
      readonly allow: readonly string[];
    }
  /** `endsConnection`: the rest of the body is not read. */
  | {
      readonly reason: 'body-too-large';
      readonly name: string;
      readonly limitBytes: number;
      readonly endsConnection: boolean;
    }
  /** The memory for the bodies of all requests is used up. */
  | { readonly reason: 'bodies-full' };

/** Why a call was not answered by its function. */
export type CallRefusal =
  | { readonly reason: 'idempotency-key-invalid'; readonly maxLength: number }
  /** The store could not write, so the call was not accepted. */
  | { readonly reason: 'not-stored' }
  /** The highest number of sync calls of the function is waiting already. */
  | { readonly reason: 'waiting-line-full'; readonly name: string; readonly invocationId: string }
  /** The machine has no process, file descriptor or memory for a worker. */
  | { readonly reason: 'no-worker'; readonly name: string; readonly invocationId: string }
  /** The memory for answers that their callers have not read yet is used up. */
  | { readonly reason: 'answers-full'; readonly invocationId: string }
  | { readonly reason: 'shutting-down'; readonly invocationId: string }
  | {
      readonly reason: 'function-failed';
      readonly failure: RunFailure;
      readonly invocationId: string;
      /** Whether the caller sees the function's own error and stack. */
      readonly reveal: boolean;
    }
  /** A bug in the runtime. */
  | { readonly reason: 'runtime-failed' };

export function refusedRequest(refusal: RequestRefusal): ErrorAnswer {
  switch (refusal.reason) {
    case 'starting':
      return {
        status: 503,
        errorType: 'Starting',
        errorMessage: 'The runtime is starting.',
        headers: { 'retry-after': '1' },
      };
    case 'target-invalid':
      return {
        status: 400,
        errorType: 'BadRequest',
        errorMessage: 'The request target or the Host header is not valid.',
        headers: { connection: 'close' },
      };
    case 'trace-request':
      return {
        status: 405,
        errorType: 'MethodNotAllowed',
        errorMessage: 'TRACE is not served.',
        headers: { allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT' },
      };
    case 'no-function':
      return {
        status: 404,
        errorType: 'FunctionNotFound',
        errorMessage:
          `There is no function at ${refusal.path}.` +
          sentence('Did you mean', refusal.similar, '?'),
      };
    case 'served-elsewhere':
      return {
        status: 404,
        errorType: 'FunctionNotFound',
        errorMessage:
          `The function has a path of its own and is not served at ${refusal.path}.` +
          sentence('Its path is', refusal.shownPaths, '.'),
      };
    case 'method-not-allowed':
      return {
        status: 405,
        errorType: 'MethodNotAllowed',
        errorMessage: `${refusal.path} does not take ${refusal.method}.`,
        headers: { allow: refusal.allow.join(', ') },
      };
    case 'body-too-large':
      return {
        status: 413,
        errorType: 'PayloadTooLarge',
        errorMessage:
          `The body of a call of ${refusal.name} may have ${refusal.limitBytes} bytes. ` +
          'Put large data somewhere else and send its address.',
        headers: refusal.endsConnection ? { connection: 'close' } : {},
      };
    case 'bodies-full':
      return {
        status: 503,
        errorType: 'Overloaded',
        errorMessage: 'The runtime holds too many large requests at the moment.',
        headers: { 'retry-after': '1', connection: 'close' },
      };
  }
}

export function refusedCall(refusal: CallRefusal): ErrorAnswer {
  switch (refusal.reason) {
    case 'idempotency-key-invalid':
      return {
        status: 400,
        errorType: 'BadRequest',
        errorMessage: `Idempotency-Key has to have from 1 to ${refusal.maxLength} characters.`,
      };
    case 'not-stored':
      return {
        status: 503,
        errorType: 'StoreUnavailable',
        errorMessage: 'The call could not be stored, so it was not accepted. Try again later.',
        headers: { 'retry-after': '5' },
      };
    case 'waiting-line-full':
      return {
        status: 503,
        errorType: 'TooManyRequests',
        errorMessage: `Too many calls of ${refusal.name} are waiting.`,
        headers: { 'retry-after': '1', [requestIdHeader]: refusal.invocationId },
      };
    case 'no-worker':
      return {
        status: 503,
        errorType: 'Overloaded',
        errorMessage: `The runtime has no room to start ${refusal.name} at the moment.`,
        headers: { 'retry-after': '1', [requestIdHeader]: refusal.invocationId },
      };
    case 'answers-full':
      return {
        status: 503,
        errorType: 'Overloaded',
        errorMessage:
          'The runtime holds too many answers at the moment that their callers have not read.',
        headers: { 'retry-after': '1', [requestIdHeader]: refusal.invocationId },
      };
    case 'shutting-down':
      return {
        status: 503,
        errorType: 'ShuttingDown',
        errorMessage: 'The runtime is shutting down; the call was cut off.',
        headers: { 'retry-after': '5', [requestIdHeader]: refusal.invocationId },
      };
    case 'function-failed':
      return failedFunction(refusal);
    case 'runtime-failed':
      return {
        status: 500,
        errorType: 'RuntimeError',
        errorMessage: 'The runtime failed to handle this request.',
      };
  }
}

function failedFunction({
  failure,
  invocationId,
  reveal,
}: Extract<CallRefusal, { readonly reason: 'function-failed' }>): ErrorAnswer {
  const timedOut = failure.reason === 'timeout';
  const outline = timedOut ? 'The function did not answer in time.' : 'The function failed.';
  return {
    status: timedOut ? 504 : 502,
    errorType: reveal || timedOut ? failure.type : 'FunctionError',
    errorMessage: reveal ? failure.message : `${outline} Request id: ${invocationId}.`,
    trace: reveal ? failure.stack?.split('\n') : undefined,
    headers: { [requestIdHeader]: invocationId },
  };
}

/** ` Did you mean a or b?`; an empty text if there are no names. */
function sentence(beginning: string, names: readonly string[], end: string): string {
  return names.length === 0 ? '' : ` ${beginning} ${names.join(' or ')}${end}`;
}
