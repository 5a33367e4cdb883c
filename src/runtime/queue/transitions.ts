import {
  cancellableStates,
  isInState,
  retryableStates,
  type AttemptError,
  type Invocation,
  type InvocationBase,
  type InvocationInState,
  type InvocationKind,
  type Lease,
  type QueuedInvocation,
  type RunningInvocation,
} from './invocation.ts';
import type { NewCall, NewDelivery } from './store.ts';

/*
 * The life of an invocation, decided without I/O: every function takes the time and returns the
 * next invocation. A store calls these functions and writes the results; no state changes
 * otherwise. The diagram is in invocation.ts.
 */

/** Characters of an error that are kept. */
const maxTypeLength = 256;
const maxMessageLength = 8 * 1024;
const maxStackLength = 32 * 1024;

/** A new call or delivery → queued, due at once. */
export function create(
  created: Omit<NewCall, 'payload' | 'destinations'> | Omit<NewDelivery, 'payload'>,
  nowMs: number,
): QueuedInvocation {
  return {
    ...kindOf(created),
    id: created.id,
    functionName: created.functionName,
    acceptedAtMs: nowMs,
    attempt: 0,
    retry: created.retry,
    idempotencyKey: created.kind === 'call' ? created.idempotencyKey : undefined,
    replayedAtMs: undefined,
    state: 'queued',
    availableAtMs: nowMs,
    lastError: undefined,
  };
}

/** Queued → running: the next attempt begins, under a lease. The error of the last attempt is kept. */
export function claim(
  invocation: QueuedInvocation,
  lease: Lease,
  nowMs: number,
): RunningInvocation {
  return {
    ...baseOf(invocation),
    attempt: invocation.attempt + 1,
    state: 'running',
    lease,
    startedAtMs: nowMs,
    lastError: invocation.lastError,
  };
}

/** Running → succeeded. */
export function succeed(
  invocation: RunningInvocation,
  nowMs: number,
): InvocationInState<'succeeded'> {
  return { ...baseOf(invocation), state: 'succeeded', finishedAtMs: nowMs };
}

/**
 * Running → queued, due at `nowMs` + the delay of this attempt. Running → failed if this was the
 * last attempt, or if the next attempt would fall due later than `maxEventAgeSeconds` after the
 * accept (or the last replay). The age never prevents the first attempt: every accepted call runs
 * at least once, however long the runtime was down.
 *
 * @param delaysSeconds Replaces the policy's delays; for development only.
 */
export function fail(
  invocation: RunningInvocation,
  error: AttemptError,
  nowMs: number,
  delaysSeconds: readonly number[] = invocation.retry.delaysSeconds,
): QueuedInvocation | InvocationInState<'failed'> {
  const lastError = boundedError(error);
  const base = baseOf(invocation);
  const failed = { ...base, state: 'failed', finishedAtMs: nowMs, lastError } as const;
  if (invocation.attempt >= invocation.retry.maxAttempts) return failed;
  const availableAtMs = nowMs + retryDelayMs(invocation.attempt, delaysSeconds);
  const ageFromMs = invocation.replayedAtMs ?? invocation.acceptedAtMs;
  if (availableAtMs - ageFromMs > invocation.retry.maxEventAgeSeconds * 1000) return failed;
  return { ...base, state: 'queued', availableAtMs, lastError };
}

/**
 * The wait after attempt `attempt` (from 1), rounded to whole ms because a delay may be any number
 * of seconds. The last delay repeats; without delays the next attempt is due at once.
 */
function retryDelayMs(attempt: number, delaysSeconds: readonly number[]): number {
  return Math.round((delaysSeconds[attempt - 1] ?? delaysSeconds.at(-1) ?? 0) * 1000);
}

/** The failure of a run whose runtime is gone: `fail` with the reason `lost`. */
export function rescue(
  invocation: RunningInvocation,
  nowMs: number,
  delaysSeconds?: readonly number[],
): ReturnType<typeof fail> {
  return fail(invocation, lostError(invocation), nowMs, delaysSeconds);
}

/** The error that `rescue` records. */
export function lostError({ attempt, lease }: RunningInvocation): AttemptError {
  return {
    reason: 'lost',
    type: 'Runtime.Lost',
    message: `The runtime that ran attempt ${attempt} (${lease.owner}) ended before it recorded how the attempt ended.`,
  };
}

/** Running → queued, due at once, the attempt not counted: the runtime is shutting down. */
export function release(invocation: RunningInvocation, nowMs: number): QueuedInvocation {
  return {
    ...baseOf(invocation),
    attempt: invocation.attempt - 1,
    state: 'queued',
    availableAtMs: nowMs,
    lastError: invocation.lastError,
  };
}

/** Queued or running → cancelled. `undefined` for an invocation that has ended. */
export function cancel(
  invocation: Invocation,
  nowMs: number,
): InvocationInState<'cancelled'> | undefined {
  return isInState(invocation, cancellableStates)
    ? { ...baseOf(invocation), state: 'cancelled', finishedAtMs: nowMs }
    : undefined;
}

/**
 * Failed or cancelled → queued, due at once, with all attempts and the whole event age available
 * again. `undefined` in any other state.
 */
export function replay(invocation: Invocation, nowMs: number): QueuedInvocation | undefined {
  return isInState(invocation, retryableStates)
    ? {
        ...baseOf(invocation),
        attempt: 0,
        replayedAtMs: nowMs,
        state: 'queued',
        availableAtMs: nowMs,
        lastError: undefined,
      }
    : undefined;
}

/**
 * Cuts an error to the size that is kept, so that a function that throws megabytes does not fill
 * the store.
 */
export function boundedError({ reason, type, message, stack }: AttemptError): AttemptError {
  const bounded = {
    reason,
    type: truncated(type, maxTypeLength),
    message: truncated(message, maxMessageLength),
  };
  return stack === undefined ? bounded : { ...bounded, stack: truncated(stack, maxStackLength) };
}

function truncated(text: string, maxLength: number): string {
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength)}… (${text.length - maxLength} characters more)`;
}

function kindOf(source: InvocationKind): InvocationKind {
  return source.kind === 'call'
    ? { kind: 'call' }
    : { kind: 'delivery', outcomeOf: source.outcomeOf };
}

/** The fields that an invocation has in every state. */
function baseOf(invocation: Invocation): InvocationBase & InvocationKind {
  return {
    ...kindOf(invocation),
    id: invocation.id,
    functionName: invocation.functionName,
    acceptedAtMs: invocation.acceptedAtMs,
    attempt: invocation.attempt,
    retry: invocation.retry,
    idempotencyKey: invocation.idempotencyKey,
    replayedAtMs: invocation.replayedAtMs,
  };
}
