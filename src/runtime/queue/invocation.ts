import type { RetryPolicy } from '../../manifest/schema.ts';

/**
 * One accepted call, from its 202 to its end.
 *
 *     accept            claim                    succeed
 *
 * (caller) ------> queued ----------> running -----------------> succeeded ^ | | | fail / rescue, |
 *
 * | fail / rescue, no attempt left or too old | attempts left |
 *
 * +----------------------------------------> failed +------------------+ | release (shutdown: the
 * attempt does not count)
 *
 * Queued or running --cancel--> cancelled failed or cancelled --replay--> queued
 *
 * All times are milliseconds since the epoch.
 */
export type Invocation = InvocationBase & InvocationKind & InvocationState;

/** What an attempt does: run the function, or POST the outcome of an ended call (delivery.ts). */
export type InvocationKind =
  | { readonly kind: 'call' }
  | {
      readonly kind: 'delivery';
      /** The function whose call ended. */
      readonly outcomeOf: string;
    };

export type InvocationState =
  | { readonly state: 'queued'; readonly availableAtMs: number; readonly lastError?: AttemptError }
  | {
      readonly state: 'running';
      readonly lease: Lease;
      readonly startedAtMs: number;
      /** Of the attempt before this one. */ readonly lastError?: AttemptError;
    }
  | { readonly state: 'succeeded'; readonly finishedAtMs: number }
  | { readonly state: 'failed'; readonly finishedAtMs: number; readonly lastError: AttemptError }
  | { readonly state: 'cancelled'; readonly finishedAtMs: number };

export interface InvocationBase {
  /** Also the `x-nf-request-id` of every attempt. */
  readonly id: string;
  /** Of a delivery, a name of its own: `deliveryNameOf` the function whose call ended. */
  readonly functionName: string;
  readonly acceptedAtMs: number;
  /** Attempts begun so far; the running one included. */
  readonly attempt: number;
  readonly retry: RetryPolicy;
  readonly idempotencyKey?: string;
  /** When it was last replayed: its age counts from then, not from the accept. */
  readonly replayedAtMs?: number;
}

/**
 * The right to write to a running invocation. A write under a lease that is no longer held changes
 * nothing.
 */
export interface Lease {
  /** Who holds it: one `bgfn serve` process. */
  readonly owner: string;
  /** Different for every claim, so that an old holder cannot write to a later attempt. */
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Why an attempt failed. */
export interface AttemptError {
  readonly reason: FailureReason;
  /** Error class as the function reported it, such as `TypeError`. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/**
 * `error`: thrown or rejected. `timeout`: killed at the deadline. `crash`: the process ended.
 * `out-of-memory`: it ended for want of memory. `init`: the module could not be loaded. `lost`: the
 * runtime that ran it died, seen by its expired lease.
 */
export type FailureReason = 'error' | 'timeout' | 'crash' | 'out-of-memory' | 'init' | 'lost';

/** How one attempt ended. */
export interface AttemptRecord {
  readonly number: number;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'released';
  readonly error?: AttemptError;
}

/**
 * Where to tell how an invocation ended, and what to say about the call it came from. Kept with the
 * invocation: a later deploy does not change it.
 */
export interface Destinations {
  readonly onSuccess?: string | undefined;
  readonly onFailure?: string | undefined;
  readonly request: Readonly<Record<string, string>>;
}
