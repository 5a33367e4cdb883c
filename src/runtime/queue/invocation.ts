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

/** What an attempt does: run the function, or POST the outcome of an ended call (delivery.ts). */
export type InvocationKind =
  | { readonly kind: 'call' }
  | {
      readonly kind: 'delivery';
      /** The function whose call ended. */
      readonly outcomeOf: string;
    };

/** A union, one member for each name in `invocationStates`. */
export type InvocationState = {
  [Name in InvocationStateName]: { readonly state: Name } & FieldsOfState[Name];
}[InvocationStateName];

/** What is known of an invocation in one state only. */
interface FieldsOfState {
  readonly queued: {
    readonly availableAtMs: number;
    /** Why the attempt before failed. */
    readonly lastError: AttemptError | undefined;
  };
  readonly running: {
    readonly lease: Lease;
    readonly startedAtMs: number;
    /** Why the attempt before this one failed. */
    readonly lastError: AttemptError | undefined;
  };
  readonly succeeded: { readonly finishedAtMs: number };
  readonly failed: { readonly finishedAtMs: number; readonly lastError: AttemptError };
  readonly cancelled: { readonly finishedAtMs: number };
}

export interface InvocationBase {
  /** Also the `x-nf-request-id` of every attempt. */
  readonly id: string;
  /** For a delivery, `deliveryNameOf` the function whose call ended. */
  readonly functionName: string;
  readonly acceptedAtMs: number;
  /** Attempts begun so far, including the running one. */
  readonly attempt: number;
  readonly retry: RetryPolicy;
  readonly idempotencyKey: string | undefined;
  /** When it was last replayed: its age counts from then, not from the accept. */
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
 * The right to write to a running invocation. A write under a lease that is no longer held changes
 * nothing.
 */
export interface Lease {
  /** The `bgfn serve` process that holds it. */
  readonly owner: string;
  /** Different for every claim, so that an old holder cannot write to a later attempt. */
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
 * `error`: thrown or rejected. `timeout`: killed at the deadline. `crash`: the process ended.
 * `out-of-memory`: it ended for want of memory. `init`: the module could not be loaded. `lost`: the
 * runtime that ran it died, which its expired lease shows.
 */
export type FailureReason = 'error' | 'timeout' | 'crash' | 'out-of-memory' | 'init' | 'lost';

/** One attempt, and how it ended. */
export interface AttemptRecord {
  readonly number: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'released';
  readonly error: AttemptError | undefined;
}

/**
 * The URLs that are told how an invocation ended, and what they are told about the call it came
 * from. Kept with the invocation: a later deploy does not change it.
 */
export interface CallDestinations {
  readonly onSuccess?: string | undefined;
  readonly onFailure?: string | undefined;
  readonly request: Readonly<Record<string, string>>;
}
