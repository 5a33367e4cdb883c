import type {
  AttemptError,
  Invocation,
  InvocationKind,
  InvocationState,
  Lease,
} from './invocation.ts';
import type { NewCall, NewDelivery } from './store.ts';

/*
 * The life of an invocation, decided without I/O: every function takes the time and gives back the next invocation.
 * Stores apply them and write the result; that is all a store may do to a state. The diagram is in invocation.ts.
 */

type InState<State extends InvocationState['state']> = Extract<
  Invocation,
  { readonly state: State }
>;

export type QueuedInvocation = InState<'queued'>;
export type RunningInvocation = InState<'running'>;

/** The states in which an invocation is over. */
export const endedStates = [
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly InvocationState['state'][];

/** (caller) → queued, due at once. */
export function accept(
  created: Omit<NewCall, 'payload' | 'destinations'> | Omit<NewDelivery, 'payload'>,
  nowMs: number,
): QueuedInvocation {
  const idempotencyKey = created.kind === 'call' ? created.idempotencyKey : undefined;
  return {
    ...kindOf(created),
    id: created.id,
    functionName: created.functionName,
    acceptedAtMs: nowMs,
    attempt: 0,
    retry: created.retry,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    state: 'queued',
    availableAtMs: nowMs,
  };
}

/**
 * Queued → running: the next attempt begins, under a lease. Why the last one failed stays to be
 * seen.
 */
export function claim(
  invocation: QueuedInvocation,
  lease: Lease,
  nowMs: number,
): RunningInvocation {
  const { lastError } = invocation;
  return {
    ...base(invocation),
    attempt: invocation.attempt + 1,
    state: 'running',
    lease,
    startedAtMs: nowMs,
    ...(lastError === undefined ? {} : { lastError }),
  };
}

/** Running → succeeded. */
export function succeed(invocation: RunningInvocation, nowMs: number): InState<'succeeded'> {
  return { ...base(invocation), state: 'succeeded', finishedAtMs: nowMs };
}

/**
 * Running → queued at `now` + the delay of this attempt, or failed: when that was the last attempt,
 * or when the next one would fall due later than `maxEventAgeSeconds` after the accept (or the last
 * replay). The first attempt of an invocation is never given up for its age: what was accepted runs
 * at least once, however long the runtime was down.
 *
 * @param delaysSeconds Replaces the policy's delays; for development only.
 */
export function fail(
  invocation: RunningInvocation,
  error: AttemptError,
  nowMs: number,
  delaysSeconds: readonly number[] = invocation.retry.delaysSeconds,
): QueuedInvocation | InState<'failed'> {
  const lastError = boundedError(error);
  const failed = { ...base(invocation), state: 'failed', finishedAtMs: nowMs, lastError } as const;
  if (invocation.attempt >= invocation.retry.maxAttempts) {
    return failed;
  }
  const availableAtMs = nowMs + retryDelayMs(invocation.attempt, delaysSeconds);
  const ageFromMs = invocation.replayedAtMs ?? invocation.acceptedAtMs;
  if (availableAtMs - ageFromMs > invocation.retry.maxEventAgeSeconds * 1000) {
    return failed;
  }
  return { ...base(invocation), state: 'queued', availableAtMs, lastError };
}

/**
 * The wait after attempt `attempt` (from 1), whole ms: a delay may be any number of seconds. The
 * last delay repeats; with none, the next attempt is due at once.
 */
function retryDelayMs(attempt: number, delaysSeconds: readonly number[]): number {
  return Math.round((delaysSeconds[attempt - 1] ?? delaysSeconds.at(-1) ?? 0) * 1000);
}

/** A failure like any other, for a run whose runtime is gone: `fail` with the reason `lost`. */
export function rescue(
  invocation: RunningInvocation,
  nowMs: number,
  delaysSeconds?: readonly number[],
): ReturnType<typeof fail> {
  return fail(invocation, lostError(invocation), nowMs, delaysSeconds);
}

/** The error that `rescue` records. */
export function lostError(invocation: RunningInvocation): AttemptError {
  return {
    reason: 'lost',
    type: 'Runtime.Lost',
    message: `The runtime that ran attempt ${invocation.attempt} (${invocation.lease.owner}) ended before it recorded how the attempt ended.`,
  };
}

/** Running → queued, due at once, the attempt not counted: the runtime is shutting down. */
export function release(invocation: RunningInvocation, nowMs: number): QueuedInvocation {
  const { lastError } = invocation;
  return {
    ...base(invocation),
    attempt: invocation.attempt - 1,
    state: 'queued',
    availableAtMs: nowMs,
    ...(lastError === undefined ? {} : { lastError }),
  };
}

/** Queued or running → cancelled; an ended one stays as it is (undefined). */
export function cancel(invocation: Invocation, nowMs: number): InState<'cancelled'> | undefined {
  if (invocation.state !== 'queued' && invocation.state !== 'running') {
    return undefined;
  }
  return { ...base(invocation), state: 'cancelled', finishedAtMs: nowMs };
}

/**
 * Failed or cancelled → queued, due at once, all attempts and the whole event age given anew; any
 * other stays as it is (undefined).
 */
export function replay(invocation: Invocation, nowMs: number): QueuedInvocation | undefined {
  if (invocation.state !== 'failed' && invocation.state !== 'cancelled') {
    return undefined;
  }
  return {
    ...base(invocation),
    attempt: 0,
    replayedAtMs: nowMs,
    state: 'queued',
    availableAtMs: nowMs,
  };
}

const maxMessageLength = 8 * 1024;
const maxStackLength = 32 * 1024;

/** An error as it is kept: a function that throws megabytes does not fill the store. */
export function boundedError(error: AttemptError): AttemptError {
  return {
    reason: error.reason,
    type: truncated(error.type, 256),
    message: truncated(error.message, maxMessageLength),
    ...(error.stack === undefined ? {} : { stack: truncated(error.stack, maxStackLength) }),
  };
}

function truncated(text: string, maxLength: number): string {
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength)}… (${text.length - maxLength} characters more)`;
}

function kindOf(one: InvocationKind): InvocationKind {
  return one.kind === 'call' ? { kind: 'call' } : { kind: 'delivery', outcomeOf: one.outcomeOf };
}

/** Drops the fields that belong to a state. */
function base(invocation: Invocation) {
  const { id, functionName, acceptedAtMs, attempt, retry, idempotencyKey, replayedAtMs } =
    invocation;
  return {
    ...kindOf(invocation),
    id,
    functionName,
    acceptedAtMs,
    attempt,
    retry,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(replayedAtMs === undefined ? {} : { replayedAtMs }),
  };
}
