import type { RetryPolicy } from '../../manifest/schema.ts';

/** Every state that an invocation can be in. */
export const invocationStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export type InvocationStateName = (typeof invocationStates)[number];

/** The states in which an invocation is over. Only these are purged. */
export const endedStates = [
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly InvocationStateName[];

/** The states from which an invocation can be cancelled. */
export const cancellableStates = [
  'queued',
  'running',
] as const satisfies readonly InvocationStateName[];

/** The states from which an invocation can be retried by hand (a replay). */
export const retryableStates = [
  'failed',
  'cancelled',
] as const satisfies readonly InvocationStateName[];

// The life of an invocation, from its 202 to its end:
//
//     create           claim            succeed
//   ---------> queued -------> running ---------> succeeded
//                ^  ^             | |
//                |  +-------------+ |
//                |   fail, rescue   |  fail, rescue: no attempt left, or too old
//                |   release        +-----------> failed
//                |
//                +--- replay --- failed, cancelled
//
//   queued, running --- cancel ---> cancelled
//
// `release` is for a shutdown: the attempt does not count.

/** An accepted call, or the delivery of its outcome. All times are milliseconds since the epoch. */
export type Invocation = InvocationBase & InvocationKind & InvocationState;

/** The work of an attempt: to run the function, or to POST the outcome of a call (delivery.ts). */
export type InvocationKind =
  | { readonly kind: 'call' }
  | {
      readonly kind: 'delivery';
      /** The function whose call ended. */
      readonly outcomeOf: string;
    };

/** A union with one member for each name in `invocationStates`. */
export type InvocationState = {
  [Name in InvocationStateName]: { readonly state: Name } & FieldsOfState[Name];
}[InvocationStateName];

/** The fields that an invocation has in one state only. */
interface FieldsOfState {
  readonly queued: {
    readonly availableAtMs: number;
    /** Why the previous attempt failed. */
    readonly lastError: AttemptError | undefined;
  };
  readonly running: {
    readonly lease: Lease;
    readonly startedAtMs: number;
    /** Why the previous attempt failed. */
    readonly lastError: AttemptError | undefined;
  };
  readonly succeeded: { readonly finishedAtMs: number };
  readonly failed: { readonly finishedAtMs: number; readonly lastError: AttemptError };
  readonly cancelled: { readonly finishedAtMs: number };
}

export interface InvocationBase {
  /** Every attempt gets the id as `x-nf-request-id`. */
  readonly id: string;
  /** For a delivery: `deliveryNameOf(outcomeOf)`. */
  readonly functionName: string;
  readonly acceptedAtMs: number;
  /** The number of attempts begun so far, including a running one. */
  readonly attempt: number;
  readonly retry: RetryPolicy;
  readonly idempotencyKey: string | undefined;
  /** The time of the last replay, from which the age counts instead of from the accept. */
  readonly replayedAtMs: number | undefined;
}

export type InvocationInState<Name extends InvocationStateName> = Extract<
  Invocation,
  { readonly state: Name }
>;
export type QueuedInvocation = InvocationInState<'queued'>;
export type RunningInvocation = InvocationInState<'running'>;

export function isInState<Name extends InvocationStateName>(
  invocation: Invocation,
  names: readonly Name[],
): invocation is InvocationInState<Name> {
  const wanted: readonly InvocationStateName[] = names;
  return wanted.includes(invocation.state);
}

/**
 * The right to write to a running invocation. A write with a lease that is no longer held has no
 * effect.
 */
export interface Lease {
  /** The `bgfn serve` process that holds the lease. */
  readonly owner: string;
  /** Different for every claim, so that a previous holder cannot write to a later attempt. */
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Why an attempt failed. */
export interface AttemptError {
  readonly reason: FailureReason;
  /** The class of the error as the function reported it, such as `TypeError`. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/**
 * `error`: the function threw or rejected. `timeout`: it was killed at the deadline. `crash`: its
 * process ended. `out-of-memory`: its process ran out of memory. `init`: its module could not be
 * loaded. `lost`: the runtime that ran the attempt died.
 */
export type FailureReason = 'error' | 'timeout' | 'crash' | 'out-of-memory' | 'init' | 'lost';

/** One attempt and its outcome. */
export interface AttemptRecord {
  readonly number: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'released';
  readonly error: AttemptError | undefined;
}

/**
 * The URLs that an invocation's outcome is sent to, and the facts about its request that are sent
 * with it. Stored with the invocation, so that a later deployment does not change them.
 */
export interface CallDestinations {
  readonly onSuccess?: string | undefined;
  readonly onFailure?: string | undefined;
  readonly request: Readonly<Record<string, string>>;
}
