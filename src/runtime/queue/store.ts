import type { RetryPolicy } from '../../manifest/schema.ts';
import type {
  AttemptError,
  AttemptRecord,
  CallDestinations,
  Invocation,
  InvocationKind,
  InvocationStateName,
  RunningInvocation,
} from './invocation.ts';

/**
 * The storage of accepted invocations. Every implementation passes one suite
 * (test/runtime/queue/suite/store.suite.ts). Every method that needs the time takes `nowMs`; a
 * store never reads a clock. Every method may reject with `StoreUnavailableError` if the medium
 * cannot be read or written.
 */
export interface Store {
  /**
   * Stores calls durably, which a 202 waits for. A call with a known idempotency key resolves to
   * the id of the first call and `duplicate: true`; a repeated `id` is stored once.
   */
  accept(calls: readonly NewCall[], nowMs: number): Promise<readonly Accepted[]>;

  /**
   * Turns up to `limit` due invocations into running ones, oldest due first, fairly between
   * functions. A function gets at most `free[functionName]`; a function that `free` does not name
   * gets none.
   */
  claim(request: ClaimRequest): Promise<readonly Claimed[]>;

  /**
   * Extends the leases that are still held. (A store may skip a lease with more than two thirds of
   * `leaseMs` left, so that frequent heartbeats cost no writes.) Resolves with the ids whose lease
   * is lost, by a rescue or a cancel, so that their runs can be stopped.
   */
  heartbeat(
    leases: readonly LeaseRef[],
    nowMs: number,
    leaseMs: number,
  ): Promise<readonly string[]>;

  /**
   * `succeed`, `fail` and `release` end a run. Each applies only while the lease is held, and
   * resolves with whether it applied. If the call ends and has a destination for its outcome, the
   * delivery is queued in the same transaction; that holds for `rescue` too. `response` is the
   * response of the function for the destination, as JSON text.
   */
  succeed(lease: LeaseRef, nowMs: number, response?: string): Promise<boolean>;
  /**
   * `delaysSeconds` replaces the policy's delays, here and in `rescue`; development only. Why it is
   * passed beside the stored policy: `retryPolicyOf` in calls/background-calls.ts.
   */
  fail(
    lease: LeaseRef,
    error: AttemptError,
    nowMs: number,
    delaysSeconds?: readonly number[],
  ): Promise<boolean>;
  /** Puts the invocation back into the queue without counting the attempt, for a shutdown. */
  release(lease: LeaseRef, nowMs: number): Promise<boolean>;

  /**
   * Fails the runs whose lease has expired or whose owner is known to be dead, by the same
   * transition as `fail`, with the reason `lost`. Resolves with the new states of the invocations.
   */
  rescue(nowMs: number, options?: RescueOptions): Promise<readonly Invocation[]>;

  /**
   * Records a process that claims, so that the next process on the same machine can tell a dead
   * owner from a living one without waiting for its leases to expire.
   */
  registerOwner(owner: OwnerRecord): Promise<void>;
  owners(): Promise<readonly OwnerRecord[]>;
  /** Removes those of the owners that hold no lease any more. */
  removeOwners(ids: readonly string[]): Promise<void>;

  cancel(id: string, nowMs: number): Promise<boolean>;
  /** Puts a failed or cancelled invocation back into the queue with its attempts reset. */
  replay(id: string, nowMs: number): Promise<boolean>;
  /** Deletes ended invocations; resolves with the number of deleted ones. */
  purge(filter: PurgeFilter): Promise<number>;

  get(id: string): Promise<InvocationDetail | undefined>;
  /** The accepted payload, byte for byte; `undefined` for an unknown id. */
  payload(id: string): Promise<Uint8Array | undefined>;
  list(filter: ListFilter): Promise<readonly Invocation[]>;
  stats(nowMs: number): Promise<readonly FunctionStats[]>;
  /**
   * The time at which the next queued invocation falls due, among those due after `afterMs`. The
   * dispatcher sleeps until then.
   */
  nextAvailableAtMs(afterMs?: number): Promise<number | undefined>;

  /** Writes a record durably and deletes it again, to check whether an accept would succeed. */
  probe(): Promise<void>;

  close(): Promise<void>;
}

/** The source of an invocation: an accepted call, or the delivery of an outcome. */
export type NewInvocation = NewCall | NewDelivery;

interface NewInvocationBase {
  readonly id: string;
  readonly functionName: string;
  /** The stored call, or a `Delivery`. The store does not read it. */
  readonly payload: Uint8Array;
  /** One object for equal policies: a store may recognize them by identity, to encode each once. */
  readonly retry: RetryPolicy;
}

export interface NewCall extends NewInvocationBase {
  readonly kind: 'call';
  readonly idempotencyKey?: string | undefined;
  readonly destinations?: CallDestinations | undefined;
}

/** The store creates deliveries itself, in the transaction that ends a call. */
export interface NewDelivery extends NewInvocationBase {
  readonly kind: 'delivery';
  readonly outcomeOf: string;
}

export interface Accepted {
  readonly id: string;
  readonly duplicate: boolean;
}

export interface ClaimRequest {
  readonly owner: string;
  /** Free slots by function name. */
  readonly free: Readonly<Record<string, number>>;
  readonly limit: number;
  /** The highest number of deliveries in the claim, over all functions. Default: `limit`. */
  readonly deliveryLimit?: number | undefined;
  readonly nowMs: number;
  readonly leaseMs: number;
}

export interface RescueOptions {
  /** Owners known to be dead, whose runs are rescued before their leases expire. */
  readonly deadOwners?: readonly string[] | undefined;
  /**
   * Whether runs with an expired lease are rescued too; default true. False after a jump of the
   * clock, until living owners had time to extend their leases.
   */
  readonly expired?: boolean | undefined;
  readonly delaysSeconds?: readonly number[] | undefined;
}

/** One process that claims invocations. */
export interface OwnerRecord {
  readonly id: string;
  /** The place in which `pid` is unique: host, boot and process namespace in one string. */
  readonly place: string;
  readonly pid: number;
  /** The start time of the process in its machine's notation, which reveals a reused pid. */
  readonly processStart: string;
  readonly registeredAtMs: number;
}

export interface LeaseRef {
  readonly id: string;
  readonly token: string;
}

export interface Claimed {
  readonly invocation: RunningInvocation;
  readonly payload: Uint8Array;
  /** Whether the call has a destination for its success, so that `succeed` needs the response. */
  readonly wantsResponse: boolean;
}

export interface PurgeFilter {
  readonly finishedBeforeMs: number;
  /** Default: all `endedStates`. */
  readonly states?: readonly InvocationStateName[] | undefined;
}

export interface InvocationDetail {
  readonly invocation: Invocation;
  readonly attempts: readonly AttemptRecord[];
}

export interface ListFilter {
  readonly functionName?: string | undefined;
  readonly states?: readonly InvocationStateName[] | undefined;
  readonly acceptedAfterMs?: number | undefined;
  readonly acceptedBeforeMs?: number | undefined;
  /**
   * Only invocations accepted before this one: the last id of a page selects the next page. An
   * unknown id (purged meanwhile) selects nothing.
   */
  readonly beforeId?: string | undefined;
  /** Newest first. */
  readonly limit: number;
}

/** Statistics of the invocations of one name, which are all of one kind. */
export type FunctionStats = InvocationKind & {
  readonly functionName: string;
  readonly counts: Readonly<Record<InvocationStateName, number>>;
  /** Age of the oldest due invocation, ms. */
  readonly oldestDueMs: number | undefined;
};

/**
 * The medium cannot be read or written: the disk is full, read-only, locked or gone. The HTTP side
 * answers 503.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
