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

/** How the invocations of one name are run: calls of a function, or deliveries of its outcomes. */
export type DispatchableFunction = (
  | { readonly kind: 'call'; readonly runnable: RunnableFunction }
  | Extract<InvocationKind, { readonly kind: 'delivery' }>
) & {
  readonly name: string;
  readonly timeoutMs: number;
  /** The most runs at the same time; default: the dispatcher's `perFunctionConcurrency`. */
  readonly concurrency?: number | undefined;
};

/** How a run ended, as it will be recorded. */
export type Ending =
  | { readonly kind: 'succeeded'; readonly durationMs: number; readonly response: RunResponse }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly error: AttemptError }
  /** Stopped by the dispatcher, which knows why. */
  | { readonly kind: 'aborted' };

export interface RunAttemptOptions {
  readonly fn: DispatchableFunction;
  readonly claimed: Claimed;
  readonly run: (fn: DispatchableFunction, request: RunRequest) => Promise<RunOutcome>;
  readonly logs: Pick<LogSink, 'forRun'>;
  readonly clock: Clock;
  /** Of the deployment that runs it, which may be a later one than the one that accepted it. */
  readonly site: SiteHeaders;
  /** Default: nothing is recorded. */
  readonly tracing?: Pick<Tracing, 'attempt'>;
  readonly signal: AbortSignal;
  readonly onStart: () => void;
}

/**
 * Runs one claimed invocation to its end. Never rejects: what goes wrong on our side is a failed
 * attempt too, and is tried again.
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
    headers: () => traceHeadersOf(payload),
  });
  const ending = await run(options, span);
  span.end(ending.kind === 'failed' ? ending.error : ending.kind);
  return ending;
}

async function run(
  options: Omit<RunAttemptOptions, 'tracing'>,
  span: AttemptSpan,
): Promise<Ending> {
  const { fn, claimed, logs, site, signal, onStart } = options;
  const { invocation } = claimed;
  try {
    return await startAndEnd(options, {
      invocationId: invocation.id,
      attempt: invocation.attempt,
      payload:
        invocation.kind === 'delivery'
          ? claimed.payload
          : eventOfAttempt(claimed.payload, {
              invocationId: invocation.id,
              attempt: invocation.attempt,
              site,
              trace: span.headers,
            }),
      timeoutMs: fn.timeoutMs,
      signal,
      // A delivery prints nothing.
      onLog:
        fn.kind === 'call'
          ? logs.forRun(fn.runnable, invocation.id, invocation.attempt)
          : () => undefined,
      onStart,
    });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return {
      kind: 'failed',
      durationMs: 0,
      error: {
        reason: 'crash',
        type: 'Runtime.Internal',
        message,
        ...(stack === undefined ? {} : { stack }),
      },
    };
  }
}

/**
 * Runs it as soon as the machine has room for a worker: until then the attempt has not begun, and
 * nothing is lost but time.
 */
async function startAndEnd(
  { fn, run: start, clock, signal }: Omit<RunAttemptOptions, 'tracing'>,
  request: RunRequest,
): Promise<Ending> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await start(fn, request);
    if (outcome.kind !== 'not-started') return await endingOf(outcome);
    const delayMs = backOffMs(tries, startRetryMs.first, startRetryMs.longest);
    const text = `${outcome.failure.message} The machine is at a limit: it is tried again in ${formatDuration(delayMs)}, and the attempt does not count until it begins.`;
    request.onLog({ atMs: clock.nowMs(), stream: 'platform', text });
    await pause(clock, delayMs, signal);
    if (signal.aborted) return { kind: 'aborted' };
  }
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
 * Nobody reads the answer of a background call, but the run is over only when its body is, and what
 * the function does after it.
 */
async function endingOfStream(
  outcome: Extract<RunOutcome, { kind: 'succeeded' }>,
  { body, end }: Extract<RunResponse, { kind: 'streamed' }>,
): Promise<Ending> {
  // Why a body breaks is what the end of the run says.
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
