import { formatDuration } from '../../diagnostic/format-duration.ts';
import type { SiteHeaders } from '../calls/event.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { pause, type Clock } from '../platform/clock.ts';
import type { AttemptError, InvocationKind } from '../queue/invocation.ts';
import type { Claimed } from '../queue/store.ts';
import { passThrough, type AttemptSpan, type Tracing } from '../tracing/tracing.ts';
import type { RunnableFunction, RunOutcome, RunRequest, RunResponse } from '../worker/worker.ts';
import { eventOfAttempt, traceHeadersOf } from './attempt-event.ts';
import { backOffMs, startRetryMs } from './limits.ts';

/** How to run the invocations of one name: calls of a function, or deliveries of its outcomes. */
export type DispatchableFunction = (
  | { readonly kind: 'call'; readonly runnable: RunnableFunction }
  | Extract<InvocationKind, { readonly kind: 'delivery' }>
) & {
  readonly name: string;
  readonly timeoutMs: number;
  /** The highest number of runs at once. Default: the dispatcher's `perFunctionConcurrency`. */
  readonly concurrency?: number | undefined;
};

/** The end of a run, as it will be recorded. */
export type Ending =
  | { readonly kind: 'succeeded'; readonly durationMs: number; readonly response: RunResponse }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly error: AttemptError }
  /** The dispatcher stopped the run, and keeps the reason itself. */
  | { readonly kind: 'aborted' };

export interface RunAttemptOptions {
  readonly fn: DispatchableFunction;
  readonly claimed: Claimed;
  readonly run: (fn: DispatchableFunction, request: RunRequest) => Promise<RunOutcome>;
  readonly logs: Pick<LogSink, 'forRun'>;
  readonly clock: Clock;
  /** From the current deployment; the call may have been accepted by an earlier deployment. */
  readonly site: SiteHeaders;
  /** Default: nothing is recorded. */
  readonly tracing?: Pick<Tracing, 'attempt'> | undefined;
  readonly signal: AbortSignal;
  readonly onStart: () => void;
}

/**
 * Runs one claimed invocation to its end, within a span. Never rejects: a bug of ours counts as a
 * failed attempt too, so that the invocation is retried.
 */
export async function runAttempt({
  tracing = passThrough,
  ...options
}: RunAttemptOptions): Promise<Ending> {
  const { invocation, payload } = options.claimed;
  const span = tracing.attempt({
    functionName: invocation.functionName,
    invocationId: invocation.id,
    attempt: invocation.attempt,
    maxAttempts: invocation.retry.maxAttempts,
    waitedFromMs:
      invocation.attempt === 1 ? (invocation.replayedAtMs ?? invocation.acceptedAtMs) : undefined,
    startedAtMs: invocation.startedAtMs,
    headers: () => traceHeadersOf(invocation.kind, payload),
  });
  const ending = await runWithin(span, options);
  span.end(ending.kind === 'failed' ? ending.error : ending.kind);
  return ending;
}

type UntracedOptions = Omit<RunAttemptOptions, 'tracing'>;

async function runWithin(span: AttemptSpan, options: UntracedOptions): Promise<Ending> {
  const { fn, claimed, logs, signal, onStart } = options;
  const { id, attempt } = claimed.invocation;
  try {
    return await startWhenPossible(options, {
      invocationId: id,
      attempt,
      payload: payloadOf(options, span),
      timeoutMs: fn.timeoutMs,
      signal,
      // A delivery prints nothing.
      onLog: fn.kind === 'call' ? logs.forRun(fn.runnable, id, attempt) : () => undefined,
      onStart,
    });
  } catch (error) {
    return { kind: 'failed', durationMs: 0, error: internalError(error) };
  }
}

function payloadOf({ claimed, site }: UntracedOptions, span: AttemptSpan): Uint8Array {
  const { invocation, payload } = claimed;
  if (invocation.kind === 'delivery') return payload;
  const { id, attempt } = invocation;
  return eventOfAttempt(payload, { invocationId: id, attempt, site, trace: span.headers });
}

function internalError(error: unknown): AttemptError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const failure = { reason: 'crash', type: 'Runtime.Internal', message } as const;
  return stack === undefined ? failure : { ...failure, stack };
}

/**
 * Tries to start the run until the machine has room for a worker. Until then the attempt has not
 * begun and does not count.
 */
async function startWhenPossible(
  { fn, run, clock, signal }: UntracedOptions,
  request: RunRequest,
): Promise<Ending> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await run(fn, request);
    if (outcome.kind !== 'not-started') return await endingOf(outcome);
    const delayMs = backOffMs(tries, startRetryMs.first, startRetryMs.longest);
    const text = notStartedText(outcome.failure.message, delayMs);
    request.onLog({ atMs: clock.nowMs(), stream: 'platform', text });
    await pause(clock, delayMs, signal);
    if (signal.aborted) return { kind: 'aborted' };
  }
}

function notStartedText(why: string, delayMs: number): string {
  const when = `it is tried again in ${formatDuration(delayMs)}`;
  return `${why} The machine is at a limit: ${when}, and the attempt does not count until it begins.`;
}

async function endingOf(
  outcome: Exclude<RunOutcome, { readonly kind: 'not-started' }>,
): Promise<Ending> {
  switch (outcome.kind) {
    case 'succeeded':
      return outcome.response.kind === 'streamed'
        ? await endingOfStream(outcome, outcome.response)
        : outcome;
    case 'failed':
      return { kind: 'failed', durationMs: outcome.durationMs, error: outcome.failure };
    case 'aborted':
      return { kind: 'aborted' };
  }
}

/**
 * Waits for the end of a streamed run. Nobody reads the body of a background call, but the run
 * lasts until the body has ended and the function has finished its work after the response.
 */
async function endingOfStream(
  outcome: Extract<RunOutcome, { kind: 'succeeded' }>,
  { body, end }: Extract<RunResponse, { kind: 'streamed' }>,
): Promise<Ending> {
  // The reason of a broken body is in `end`.
  await body.pipeTo(new WritableStream()).catch(() => undefined);
  const ended = await end;
  switch (ended.kind) {
    case 'complete':
      return { ...outcome, durationMs: ended.durationMs };
    case 'failed':
      return { kind: 'failed', durationMs: ended.durationMs, error: ended.failure };
    case 'aborted':
      return { kind: 'aborted' };
  }
}
