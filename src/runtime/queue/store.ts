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
 * Where accepted invocations live. Every implementation passes one suite
 * (test/runtime/queue/suite/store.suite.ts). Every call that needs the time takes `nowMs`; a store
 * never reads a clock. Every method may reject with `StoreUnavailableError` when the medium cannot
 * be read or written.
 */
export interface Store {
  /**
   * Stores calls durably: what a 202 waits for. A repeated idempotency key gives the first call's
   * id and `duplicate: true`; the same `id` is stored once.
   */
  accept(calls: readonly NewCall[], nowMs: number): Promise<readonly Accepted[]>;

  /**
   * Turns up to `limit` due invocations into running ones, oldest due first, fair between
   * functions: no function gets more than `free[functionName]`, and those not named get none.
   */
  claim(request: ClaimRequest): Promise<readonly Claimed[]>;

  /**
   * Extends the leases that are still held (a store may leave one with more than two thirds of
   * `leaseMs` to go, so that asking often costs no write). Resolves with the ids whose lease is
   * gone (lost or cancelled), so that their runs can be stopped.
   */
  heartbeat(
    leases: readonly LeaseRef[],
    nowMs: number,
    leaseMs: number,
  ): Promise<readonly string[]>;

  /**
   * `succeed`, `fail` and `release` end a run. Each applies only while the lease is held, and says
   * whether it did. When a call with a destination ends (by a `rescue` too), its delivery is queued
   * in the same transaction. `response` is the answer of the function, as JSON text, for the
   * destination.
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
  /** Back to the queue at once, the attempt not counted: the runtime is shutting down. */
  release(lease: LeaseRef, nowMs: number): Promise<boolean>;

  /**
   * Fails the runs whose lease has expired or whose owner is known to be dead, through the same
   * transition as `fail`, with the reason `lost`. Resolves with what the invocations became.
   */
  rescue(nowMs: number, options?: RescueOptions): Promise<readonly Invocation[]>;

  /**
   * Records a process that claims, so that the next process on the same machine can tell a dead
   * owner from a living one without waiting for its leases to expire.
   */
  registerOwner(owner: OwnerRecord): Promise<void>;
  owners(): Promise<readonly OwnerRecord[]>;
  /** Removes owners that hold no lease any more; the others stay. */
  removeOwners(ids: readonly string[]): Promise<void>;

  cancel(id: string, nowMs: number): Promise<boolean>;
  /** A failed or cancelled invocation goes back to the queue with its attempts reset. */
  replay(id: string, nowMs: number): Promise<boolean>;
  /** Deletes ended invocations; resolves with how many. */
  purge(filter: PurgeFilter): Promise<number>;

  get(id: string): Promise<InvocationDetail | undefined>;
  /** The payload as it was accepted, byte for byte; `undefined` for an unknown id. */
  payload(id: string): Promise<Uint8Array | undefined>;
  list(filter: ListFilter): Promise<readonly Invocation[]>;
  stats(nowMs: number): Promise<readonly FunctionStats[]>;
  /**
   * When the next queued invocation falls due, counting only those due after `afterMs`: the
   * dispatcher sleeps until then.
   */
  nextAvailableAtMs(afterMs?: number): Promise<number | undefined>;

  /** Writes something durably and deletes it again, to see whether an accept would succeed. */
  probe(): Promise<void>;

  close(): Promise<void>;
}

/** What becomes an invocation: a call that is accepted, or the delivery that its end makes due. */
export type NewInvocation = NewCall | NewDelivery;

interface NewInvocationBase {
  readonly id: string;
  readonly functionName: string;
  /** The stored call, or a `Delivery`. The store does not look into it. */
  readonly payload: Uint8Array;
  /** One object for equal policies: a store may recognize them by identity, to encode each once. */
  readonly retry: RetryPolicy;
}

export interface NewCall extends NewInvocationBase {
  readonly kind: 'call';
  readonly idempotencyKey?: string | undefined;
  readonly destinations?: CallDestinations | undefined;
}

/** The store makes deliveries itself, in the transaction that ends a call. */
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
  /** The most deliveries among them, over all functions. Default: no limit of their own. */
  readonly deliveryLimit?: number | undefined;
  readonly nowMs: number;
  readonly leaseMs: number;
}

export interface RescueOptions {
  /** Owners known to be dead: their leases are rescued before they expire. */
  readonly deadOwners?: readonly string[] | undefined;
  /**
   * Whether runs with an expired lease are taken too; default true. False after the clock jumped,
   * until living owners had time to extend their leases.
   */
  readonly expired?: boolean | undefined;
  readonly delaysSeconds?: readonly number[] | undefined;
}

/** One process that claims invocations. */
export interface OwnerRecord {
  readonly id: string;
  /** Where `pid` means something: host, boot and process namespace in one string. */
  readonly place: string;
  readonly pid: number;
  /** When that process started, as its machine says: it tells a reused pid from the process. */
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
  /** It has a destination for its success: `succeed` should be given the response. */
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
   * Only what was accepted before this invocation: with the last id of a page it gives the next
   * page. Nothing for an unknown id (purged meanwhile).
   */
  readonly beforeId?: string | undefined;
  /** Newest first. */
  readonly limit: number;
}

/** The invocations of one name, which are all of one kind. */
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
