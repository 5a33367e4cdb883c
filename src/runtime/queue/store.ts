import type { RetryPolicy } from '../../manifest/schema.ts';
import type {
  AttemptError,
  AttemptRecord,
  Destinations,
  Invocation,
  InvocationKind,
  InvocationState,
} from './invocation.ts';

/**
 * Where accepted invocations live. Every implementation passes one suite
 * (test/runtime/queue/suite/store.suite.ts). Every call that needs the time takes `nowMs`; a store
 * never reads a clock. Every method may reject with `StoreUnavailableError` when the medium cannot
 * be read or written.
 */
export interface Store {
  /**
   * Resolves once all of `calls` are durable. A repeated idempotency key gives the first call's id,
   * `duplicate: true`; the same `id` is taken once.
   */
  accept(calls: readonly NewCall[], nowMs: number): Promise<readonly Accepted[]>;

  /**
   * Turns up to `limit` due invocations into running ones, oldest due first, fair between
   * functions: no function gets more than `free[functionName]` (functions not named get none).
   */
  claim(request: ClaimRequest): Promise<readonly Claimed[]>;

  /**
   * Extends the leases still held (a store may leave one that has more than two thirds of `leaseMs`
   * to go, so that asking often costs no write); gives back the ids whose lease is gone (lost or
   * cancelled), so their runs can be stopped.
   */
  heartbeat(
    leases: readonly LeaseRef[],
    nowMs: number,
    leaseMs: number,
  ): Promise<readonly string[]>;

  /**
   * The three ends of a run. Each applies only while its lease is held, and says whether it did.
   * What ends an invocation that has a destination for it (`rescue` too) accepts the delivery in
   * the same transaction. `response` is what the function answered, as JSON text, for its
   * destination.
   */
  succeed(lease: LeaseRef, nowMs: number, response?: string): Promise<boolean>;
  /** `delaysSeconds` replaces the policy's delays (development only), here and in `rescue`. */
  fail(
    lease: LeaseRef,
    error: AttemptError,
    nowMs: number,
    delaysSeconds?: readonly number[],
  ): Promise<boolean>;
  /** Back to the queue at once, the attempt not counted: the runtime is shutting down. */
  release(lease: LeaseRef, nowMs: number): Promise<boolean>;

  /**
   * Fails (through the same transition as `fail`, reason `lost`) what runs under a lease that
   * expired or whose owner is known dead. Gives back what they became.
   */
  rescue(nowMs: number, options?: RescueOptions): Promise<readonly Invocation[]>;

  /**
   * Notes who claims here, so that the next process on the same machine can tell a dead owner from
   * a living one without waiting for its leases.
   */
  registerOwner(owner: OwnerRecord): Promise<void>;
  owners(): Promise<readonly OwnerRecord[]>;
  /** Forgets owners that hold no lease any more; the others stay. */
  removeOwners(ids: readonly string[]): Promise<void>;

  cancel(id: string, nowMs: number): Promise<boolean>;
  /** A failed or cancelled invocation goes back to the queue with its attempts reset. */
  replay(id: string, nowMs: number): Promise<boolean>;
  /** Deletes ended invocations that finished before `finishedBeforeMs`. */
  purge(filter: {
    readonly finishedBeforeMs: number;
    readonly states?: readonly InvocationState['state'][] | undefined;
  }): Promise<number>;

  get(id: string): Promise<InvocationDetail | undefined>;
  /** What was accepted, byte for byte; `undefined` when there is no such invocation. */
  payload(id: string): Promise<Uint8Array | undefined>;
  list(filter: ListFilter): Promise<readonly Invocation[]>;
  stats(nowMs: number): Promise<readonly FunctionStats[]>;
  /**
   * When the next queued invocation falls due, if any (only those due after `afterMs`, when given):
   * the dispatcher sleeps until then.
   */
  nextAvailableAtMs(afterMs?: number): Promise<number | undefined>;

  /** Writes something of no account, durably, to see whether an accept would succeed. */
  probe(): Promise<void>;

  close(): Promise<void>;
}

/** What becomes an invocation: a call that is accepted, or the delivery that its end makes due. */
export type NewInvocation = NewCall | NewDelivery;

interface NewInvocationBase {
  readonly id: string;
  readonly functionName: string;
  /** What the dispatcher makes the event of, or what is delivered: the store never looks into it. */
  readonly payload: Uint8Array;
  readonly retry: RetryPolicy;
}

export interface NewCall extends NewInvocationBase {
  readonly kind: 'call';
  readonly idempotencyKey?: string | undefined;
  readonly destinations?: Destinations | undefined;
}

/** Made by the store itself, in the transaction that ends a call. */
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
  /** Of these, how many may be deliveries to destinations, over all functions. Default: all. */
  readonly deliveryLimit?: number;
  readonly nowMs: number;
  readonly leaseMs: number;
}

export interface RescueOptions {
  /** Owners known to be dead: their leases are rescued before they expire. */
  readonly deadOwners?: readonly string[];
  /**
   * Take what has expired too; default true. False after the clock jumped, until living owners had
   * time to extend their leases.
   */
  readonly expired?: boolean;
  readonly delaysSeconds?: readonly number[];
}

/** One process that claims invocations. */
export interface OwnerRecord {
  readonly id: string;
  /** Where `pid` means something: host, boot and process namespace in one string. */
  readonly place: string;
  readonly pid: number;
  /** When that process started, as its machine tells it: a reused pid has another. */
  readonly processStart: string;
  readonly registeredAtMs: number;
}

export interface LeaseRef {
  readonly id: string;
  readonly token: string;
}

export interface Claimed {
  readonly invocation: Extract<Invocation, { readonly state: 'running' }>;
  readonly payload: Uint8Array;
  /** Somebody wants to hear of its success: `succeed` should be given the response. */
  readonly wantsResponse: boolean;
}

export interface InvocationDetail {
  readonly invocation: Invocation;
  readonly attempts: readonly AttemptRecord[];
}

export interface ListFilter {
  readonly functionName?: string | undefined;
  readonly states?: readonly InvocationState['state'][] | undefined;
  readonly acceptedAfterMs?: number | undefined;
  readonly acceptedBeforeMs?: number | undefined;
  /**
   * Only what was accepted before this invocation: the last one of a page gives the next page. None
   * when it is unknown (purged meanwhile).
   */
  readonly beforeId?: string | undefined;
  /** Newest first. */
  readonly limit: number;
}

/** All invocations of one name; they are of one kind. */
export type FunctionStats = InvocationKind & {
  readonly functionName: string;
  readonly counts: Readonly<Record<InvocationState['state'], number>>;
  /** Age of the oldest due invocation, ms. */
  readonly oldestDueMs?: number;
};

/** The medium cannot be read or written: disk full, read-only, locked, gone. The HTTP side answers 503. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
