import { afterEach, beforeEach } from 'vitest';
import type { AttemptError, Invocation } from '../../../../src/runtime/queue/invocation.ts';
import type {
  ClaimRequest,
  Claimed,
  LeaseRef,
  NewCall,
  Store,
} from '../../../../src/runtime/queue/store.ts';

/** A store on a fresh medium. */
export interface StoreHarness {
  readonly store: Store;
  /** A second client on the same medium, as another process has it. */
  openAnother(): Promise<Store>;
  /** Closes all clients and removes the medium. */
  dispose(): Promise<void>;
}

/** The store of the running test, with the requests that many tests of the suite make. */
export interface StoreRig {
  readonly store: Store;
  readonly openAnother: () => Promise<Store>;
  /**
   * Claims up to 100 invocations of `send` at `t0` for the owner `one`; `request` replaces these
   * values.
   */
  readonly claim: (request?: Partial<ClaimRequest>, on?: Store) => Promise<readonly Claimed[]>;
  /** The lease of the only claimed invocation. */
  readonly claimOne: (nowMs?: number, owner?: string) => Promise<LeaseRef>;
  readonly stateOf: (id: string) => Promise<Invocation | undefined>;
}

export const t0 = 1_700_000_000_000;
export const leaseMs = 30_000;
export const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };
export const thrown: AttemptError = {
  reason: 'error',
  type: 'TypeError',
  message: 'x is not a function',
  stack: 'TypeError: x is not a function\n    at f.mjs:1:1',
};

export function call(
  id: string,
  functionName = 'send',
  extra: Partial<Omit<NewCall, 'kind'>> = {},
): NewCall {
  return {
    kind: 'call',
    id,
    functionName,
    payload: Buffer.from(JSON.stringify({ id })),
    retry,
    ...extra,
  };
}

export function leaseOf(claimed: Claimed): LeaseRef {
  return { id: claimed.invocation.id, token: claimed.invocation.lease.token };
}

/**
 * Opens a store before each test of the calling describe block, and disposes of the store
 * afterwards.
 */
export function storeRig(open: () => Promise<StoreHarness>): StoreRig {
  let harness: StoreHarness;
  beforeEach(async () => {
    harness = await open();
  });
  afterEach(() => harness.dispose());

  const claim: StoreRig['claim'] = (request = {}, on = harness.store) =>
    on.claim({ owner: 'one', free: { send: 100 }, limit: 100, nowMs: t0, leaseMs, ...request });
  return {
    get store() {
      return harness.store;
    },
    openAnother: () => harness.openAnother(),
    claim,
    claimOne: async (nowMs = t0, owner = 'one') =>
      leaseOf((await claim({ nowMs, owner, limit: 1 }))[0]!),
    stateOf: async (id) => (await harness.store.get(id))?.invocation,
  };
}
