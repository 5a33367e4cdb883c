import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LoadedFunction } from '../load/load-functions.ts';
import { stackFrames } from '../narrate/narrate.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type {
  RunFailure,
  RunOutcome,
  RunResponse,
  StreamEnd,
  WorkerLogLine,
  WorkerPool,
} from '../worker/worker.ts';
import { requestIdHeader, sendError } from './error-answer.ts';
import type { Limiter } from './limiter.ts';
import { checkHeaders, parseProxyResult, ProxyResultError } from './proxy-result.ts';
import type { BodyBudget } from './read-body.ts';

export interface SyncCall {
  readonly fn: LoadedFunction;
  readonly invocationId: string;
  readonly payload: Uint8Array;
  readonly onLog: (line: WorkerLogLine) => void;
}

export interface SyncOptions {
  readonly pool: Pick<WorkerPool, 'run'>;
  readonly limiter: Limiter;
  /** The caller is the developer: answers carry the function's own error and stack. */
  readonly revealErrors: boolean;
  /** Aborted when the runtime stops waiting. */
  readonly signal: AbortSignal;
  readonly logs: Pick<LogSink, 'platform'>;
  /** What whole answers may take together while their callers read them. */
  readonly answers: BodyBudget;
}

/**
 * Smaller ones are not counted: as many as there can be connections take little together, and
 * callers of small answers do not suffer from those of large ones.
 */
const uncountedAnswerBytes = 65_536;

/**
 * Runs a sync function and answers with what it returned: its response, 502 when it failed, 504
 * when it ran out of time, 503 when too many calls wait for it already or the machine has no room
 * for its process. Resolves when the answer is sent and the function is done with what it does
 * after it: until then it keeps its place among the running ones.
 *
 * A caller that goes away while its call waits is dropped. One that goes away later changes nothing
 * for the function, which runs to its end as it does on Netlify; a streamed answer that nobody
 * reads any more is cancelled.
 */
export async function answerSync(
  call: SyncCall,
  response: ServerResponse,
  options: SyncOptions,
): Promise<void> {
  const leave = await options.limiter.enter(call.fn.name);
  if (leave === undefined) {
    sendError(response, {
      status: 503,
      errorType: 'TooManyRequests',
      errorMessage: `Too many calls of ${call.fn.name} are waiting.`,
      headers: { 'retry-after': '1', [requestIdHeader]: call.invocationId },
    });
    return;
  }
  try {
    if (response.destroyed) return;
    const outcome = await options.pool.run(call.fn.runnable, {
      invocationId: call.invocationId,
      attempt: 1,
      payload: call.payload,
      timeoutMs: call.fn.timeoutMs,
      signal: options.signal,
      onLog: call.onLog,
    });
    await answerOutcome(outcome, call, response, options);
    if (outcome.kind === 'succeeded' && outcome.response.kind === 'streamed') {
      noteEnd(await outcome.response.end, call, options);
    }
  } finally {
    leave();
  }
}

async function answerOutcome(
  outcome: RunOutcome,
  call: SyncCall,
  response: ServerResponse,
  options: SyncOptions,
): Promise<void> {
  switch (outcome.kind) {
    case 'succeeded':
      await answerResponse(outcome.response, call, response, options);
      return;
    case 'failed':
      answerFailure(outcome.failure, call, response, options);
      return;
    case 'not-started':
      options.logs.platform({
        level: 'error',
        functionName: call.fn.name,
        invocationId: call.invocationId,
        attempt: 1,
        text: outcome.failure.message,
      });
      sendError(response, {
        status: 503,
        errorType: 'Overloaded',
        errorMessage: `The runtime has no room to start ${call.fn.name} at the moment.`,
        headers: { 'retry-after': '1', [requestIdHeader]: call.invocationId },
      });
      return;
    case 'aborted':
      sendError(response, {
        status: 503,
        errorType: 'ShuttingDown',
        errorMessage: 'The runtime is shutting down; the call was cut off.',
        headers: { 'retry-after': '5', [requestIdHeader]: call.invocationId },
      });
  }
}

async function answerResponse(
  result: RunResponse,
  call: SyncCall,
  response: ServerResponse,
  options: SyncOptions,
): Promise<void> {
  try {
    if (result.kind === 'buffered') answerBuffered(result.body, call, response, options.answers);
    else await answerStreamed(result, call, response);
  } catch (error) {
    if (!(error instanceof ProxyResultError)) throw error;
    if (result.kind === 'streamed') await result.body.cancel();
    answerFailure(
      { reason: 'error', type: error.name, message: error.message },
      call,
      response,
      options,
    );
  }
}

function answerBuffered(
  json: Uint8Array,
  call: SyncCall,
  response: ServerResponse,
  answers: BodyBudget,
): void {
  const { statusCode, headers, body } = parseProxyResult(json);
  if (response.destroyed) return;
  const raw: string[] = [];
  for (const [name, value] of headers) raw.push(name, value);
  raw.push(requestIdHeader, call.invocationId);
  // 204 and 304 have no body by definition; a length there confuses caches.
  const hasBody = statusCode !== 204 && statusCode !== 304;
  const length = hasBody ? Buffer.byteLength(body) : 0;
  if (length > uncountedAnswerBytes && !holdUntilSent(length, response, answers)) {
    sendError(response, {
      status: 503,
      errorType: 'Overloaded',
      errorMessage:
        'The runtime holds too many answers at the moment that their callers have not read.',
      headers: { 'retry-after': '1', [requestIdHeader]: call.invocationId },
    });
    return;
  }
  if (hasBody) raw.push('content-length', String(length));
  response.writeHead(statusCode, raw);
  response.end(hasBody ? body : undefined);
}

/** False when there is no room for it. */
function holdUntilSent(bytes: number, response: ServerResponse, answers: BodyBudget): boolean {
  const share = answers.open();
  if (!share.take(bytes)) return false;
  response.once('close', () => share.release());
  return true;
}

async function answerStreamed(
  result: Extract<RunResponse, { kind: 'streamed' }>,
  call: SyncCall,
  response: ServerResponse,
): Promise<void> {
  const raw: string[] = [];
  for (const [name, value] of checkHeaders(result.headers)) raw.push(name, value);
  raw.push(requestIdHeader, call.invocationId);
  if (!Number.isInteger(result.statusCode) || result.statusCode < 200 || result.statusCode > 599) {
    throw new ProxyResultError(
      `The response has the status ${result.statusCode}; it has to be from 200 to 599.`,
    );
  }
  if (response.destroyed) {
    await result.body.cancel();
    return;
  }
  response.writeHead(result.statusCode, raw);
  // The head travels with the first bytes when these are here already. Else it goes alone: a stream of events may have none for a long time.
  setImmediate(() => {
    if (!response.destroyed && !response.writableEnded) response.flushHeaders();
  });
  try {
    await pipeline(Readable.fromWeb(result.body), response);
  } catch {
    // The caller went away, or the worker died in the middle: `pipeline` has destroyed both ends, so that the caller sees a
    // broken answer and never a short one that looks whole. The end of the run says why.
  }
}

/** The caller has a status already, so what goes wrong from there on is for the log. */
function noteEnd(end: StreamEnd, call: SyncCall, options: SyncOptions): void {
  if (end.kind === 'failed') {
    logFailure('failed after its answer had begun', end.failure, call, options);
  }
}

function logFailure(what: string, failure: RunFailure, call: SyncCall, options: SyncOptions): void {
  options.logs.platform({
    level: 'error',
    functionName: call.fn.name,
    invocationId: call.invocationId,
    attempt: 1,
    text: `${what} (${failure.reason}): ${failure.type}: ${failure.message}${stackFrames(failure.stack)}`,
  });
}

function answerFailure(
  failure: RunFailure,
  call: SyncCall,
  response: ServerResponse,
  options: SyncOptions,
): void {
  logFailure('failed', failure, call, options);
  const timedOut = failure.reason === 'timeout';
  const hidden = timedOut ? 'The function did not answer in time.' : 'The function failed.';
  sendError(response, {
    status: timedOut ? 504 : 502,
    headers: { [requestIdHeader]: call.invocationId },
    errorType: options.revealErrors || timedOut ? failure.type : 'FunctionError',
    errorMessage: options.revealErrors
      ? failure.message
      : `${hidden} Request id: ${call.invocationId}.`,
    ...(options.revealErrors && failure.stack !== undefined
      ? { trace: failure.stack.split('\n') }
      : {}),
  });
}
