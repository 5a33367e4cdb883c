import { buildEvent, encodeEvent } from '../calls/event.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import { stackFrames } from '../observe/stack-frames.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { RunFailure, RunOutcome, RunResponse, WorkerPool } from '../worker/worker.ts';
import type { ByteBudget } from './byte-budget.ts';
import { sendError } from './error-answer.ts';
import type { Exchange } from './exchange.ts';
import type { Limiter } from './limiter.ts';
import { checkStreamHead, parseProxyResult, ProxyResultError } from './proxy-result.ts';
import { refusedCall, type CallRefusal } from './refusals.ts';
import type { CallAnswerer, RoutedCall } from './route-request.ts';
import { sendResponse, sendStream } from './send-response.ts';

export interface SyncAnswerOptions {
  readonly pool: Pick<WorkerPool, 'run'>;
  readonly limiter: Limiter;
  /** The memory that buffered responses may take together until their callers have read them. */
  readonly unreadAnswers: ByteBudget;
  readonly tracing: Pick<Tracing, 'startCall'>;
  readonly metrics: Pick<Metrics, 'sync'>;
  readonly logs: Pick<LogSink, 'platform' | 'forRun'>;
  readonly nextId: (nowMs: number) => string;
  readonly now: () => number;
  /** Aborted when a shutdown no longer waits for running calls. */
  readonly signal: AbortSignal;
}

/** A sync call under way. */
interface SyncCall {
  readonly exchange: Exchange;
  readonly fn: LoadedFunction;
  readonly invocationId: string;
  /** The function's event. */
  readonly payload: Uint8Array;
}

/**
 * Creates the answerer of sync functions. A caller gets the function's response; 502 if the
 * function failed; 504 if it timed out; 503 if too many of its calls are waiting already, or if the
 * machine has no room for its process. The answerer resolves when the response was sent and the
 * function has finished its work after the response; until then the call counts as running.
 *
 * If the caller disconnects while the call is waiting, the call is dropped. If the caller
 * disconnects later, the function runs to its end as on Netlify; a streamed response that nobody
 * reads any more is cancelled.
 */
export function createSyncAnswerer(options: SyncAnswerOptions): CallAnswerer {
  return async (exchange, routed) => {
    const call = beginCall(exchange, routed, options);
    const leave = await options.limiter.enter(call.fn.name);
    if (leave === undefined) {
      const { fn, invocationId } = call;
      return refuse(call, { reason: 'waiting-line-full', name: fn.name, invocationId });
    }
    try {
      if (!exchange.response.destroyed) await runAndAnswer(call, options);
    } finally {
      leave();
    }
  };
}

/**
 * Gives the call an id and its event. When the response closes, the call is counted and its span
 * ends.
 */
function beginCall(
  exchange: Exchange,
  { fn, call, source, siteHeaders }: RoutedCall,
  { tracing, metrics, nextId, now }: SyncAnswerOptions,
): SyncCall {
  const startedAtMs = now();
  const invocationId = nextId(startedAtMs);
  const span = tracing.startCall({
    functionName: fn.name,
    invocationId,
    mode: 'sync',
    method: call.method,
    path: call.path,
    rawHeaders: call.rawHeaders,
  });
  const event = buildEvent(call, {
    ...source,
    site: siteHeaders,
    invocationId,
    trace: span.headers,
  });
  const { response } = exchange;
  response.once('close', () => {
    // 499 as in nginx: the caller disconnected before there was a response.
    const status = response.headersSent ? response.statusCode : 499;
    metrics.sync(fn.name, status, now() - startedAtMs);
    span.end({ status });
  });
  return { exchange, fn, invocationId, payload: encodeEvent(event) };
}

async function runAndAnswer(call: SyncCall, options: SyncAnswerOptions): Promise<void> {
  const { fn, invocationId, payload } = call;
  const outcome = await options.pool.run(fn.runnable, {
    invocationId,
    attempt: 1,
    payload,
    timeoutMs: fn.timeoutMs,
    signal: options.signal,
    onLog: options.logs.forRun(fn.runnable, invocationId, 1),
  });
  await answerOutcome(outcome, call, options);
  if (outcome.kind === 'succeeded' && outcome.response.kind === 'streamed') {
    const end = await outcome.response.end;
    // The caller has received a status already, so a later failure can only be logged.
    if (end.kind === 'failed') {
      logFailure('failed after its answer had begun', end.failure, call, options);
    }
  }
}

async function answerOutcome(
  outcome: RunOutcome,
  call: SyncCall,
  options: SyncAnswerOptions,
): Promise<void> {
  const { fn, invocationId } = call;
  switch (outcome.kind) {
    case 'succeeded':
      return answerResponse(outcome.response, call, options);
    case 'failed':
      return answerFailure(outcome.failure, call, options);
    case 'not-started':
      logError(outcome.failure.message, call, options);
      return refuse(call, { reason: 'no-worker', name: fn.name, invocationId });
    case 'aborted':
      return refuse(call, { reason: 'shutting-down', invocationId });
  }
}

/** Sends the function's own response. A response that is not valid counts as a failure. */
async function answerResponse(
  result: RunResponse,
  call: SyncCall,
  options: SyncAnswerOptions,
): Promise<void> {
  const { exchange, invocationId } = call;
  try {
    if (result.kind === 'streamed') {
      await sendStream(exchange.response, checkStreamHead(result), result.body, invocationId);
      return;
    }
    const sent = sendResponse(
      exchange.response,
      parseProxyResult(result.body),
      options.unreadAnswers,
      invocationId,
    );
    if (!sent) refuse(call, { reason: 'answers-full', invocationId });
  } catch (error) {
    if (!(error instanceof ProxyResultError)) throw error;
    if (result.kind === 'streamed') await result.body.cancel();
    const failure = { reason: 'error', type: error.name, message: error.message } as const;
    answerFailure(failure, call, options);
  }
}

function answerFailure(failure: RunFailure, call: SyncCall, options: SyncAnswerOptions): void {
  logFailure('failed', failure, call, options);
  const { exchange, invocationId } = call;
  const reveal = exchange.isDeveloper;
  refuse(call, { reason: 'function-failed', failure, reveal, invocationId });
}

function refuse({ exchange }: SyncCall, refusal: CallRefusal): void {
  sendError(exchange.response, refusedCall(refusal));
}

function logFailure(
  what: string,
  { reason, type, message, stack }: RunFailure,
  call: SyncCall,
  options: SyncAnswerOptions,
): void {
  logError(`${what} (${reason}): ${type}: ${message}${stackFrames(stack)}`, call, options);
}

function logError(text: string, { fn, invocationId }: SyncCall, { logs }: SyncAnswerOptions): void {
  logs.platform({ level: 'error', functionName: fn.name, invocationId, attempt: 1, text });
}
