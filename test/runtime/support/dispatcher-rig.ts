import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DispatcherEvent } from '../../../src/runtime/dispatch/dispatcher-event.ts';
import {
  createDispatcher,
  type DispatcherOptions,
} from '../../../src/runtime/dispatch/dispatcher.ts';
import type { DispatchableFunction } from '../../../src/runtime/dispatch/run-attempt.ts';
import { openSqliteStore } from '../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import {
  StoreUnavailableError,
  type NewCall,
  type Store,
} from '../../../src/runtime/queue/store.ts';
import type { RunFailure, RunOutcome, RunRequest } from '../../../src/runtime/worker/worker.ts';
import { ManualClock } from './manual-clock.ts';

/** One run that the dispatcher asked for; the test says how it ends. */
export interface RiggedRun {
  readonly fn: DispatchableFunction;
  readonly request: RunRequest;
  end(outcome: RunOutcome): void;
  throw(error: Error): void;
}

export const succeeded: RunOutcome = {
  kind: 'succeeded',
  durationMs: 5,
  response: { kind: 'buffered', body: new Uint8Array() },
};
export const failed = (reason: RunFailure['reason'] = 'error'): RunOutcome => ({
  kind: 'failed',
  durationMs: 5,
  failure: { reason, type: 'Error', message: 'no luck' },
});

/** Items that have come and were not taken yet. `next` waits for one that has not come. */
class Arrivals<Item> {
  readonly #items: Item[] = [];
  readonly #waiting = new Set<() => void>();

  push(item: Item): void {
    this.#items.push(item);
    for (const notify of this.#waiting) notify();
  }

  get size(): number {
    return this.#items.length;
  }

  async next<Match extends Item = Item>(matches: (item: Item) => item is Match): Promise<Match> {
    for (;;) {
      const index = this.#items.findIndex((item) => matches(item));
      if (index !== -1) return this.#items.splice(index, 1)[0] as Match;
      await new Promise<void>((resolve) => {
        const notify = () => {
          this.#waiting.delete(notify);
          resolve();
        };
        this.#waiting.add(notify);
      });
    }
  }

  count(matches: (item: Item) => boolean): number {
    return this.#items.filter(matches).length;
  }
}

export const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };

export function fn(
  name: string,
  extra: Partial<Omit<DispatchableFunction, 'kind'>> = {},
): DispatchableFunction {
  return {
    kind: 'call',
    name,
    timeoutMs: 900_000,
    runnable: {
      name,
      runtime: 'js',
      directory: '/nowhere',
      handler: `${name}.handler`,
      environment: {},
      version: '1',
    },
    ...extra,
  };
}

/** A dispatcher on a real store, with a manual clock, and with runs that end as the test says. */
export class DispatcherRig {
  readonly clock = new ManualClock();
  readonly functions = new Map<string, DispatchableFunction>();
  readonly store: Store;
  /** While true, every request of the dispatcher to the store fails as on a full disk. */
  storeIsAway = false;
  readonly #inner: Store;
  readonly #directory: string;
  readonly #runs = new Arrivals<RiggedRun>();
  readonly #events = new Arrivals<DispatcherEvent>();

  static async create(
    functions: readonly DispatchableFunction[] = [fn('send')],
  ): Promise<DispatcherRig> {
    const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-dispatcher-'));
    const rig = new DispatcherRig(
      directory,
      await openSqliteStore({ file: path.join(directory, 'queue.db') }),
    );
    for (const one of functions) rig.functions.set(one.name, one);
    return rig;
  }

  private constructor(directory: string, store: Store) {
    this.#directory = directory;
    this.#inner = store;
    this.store = new Proxy(store, {
      get:
        (target, name: keyof Store) =>
        (...args: never[]) =>
          this.storeIsAway
            ? Promise.reject(new StoreUnavailableError('database or disk is full'))
            : (target[name] as (...all: never[]) => unknown)(...args),
    });
  }

  dispatcher(options: Partial<DispatcherOptions> = {}) {
    return createDispatcher({
      store: this.store,
      owner: {
        id: 'one',
        place: 'here',
        pid: 1,
        processStart: '1',
        registeredAtMs: this.clock.nowMs(),
      },
      clock: this.clock,
      concurrency: 10,
      perFunctionConcurrency: 5,
      functions: () => this.functions,
      run: (dispatched, request) =>
        new Promise((resolve, reject) => {
          // Like the pool: an abort ends the run.
          request.signal?.addEventListener('abort', () =>
            resolve({ kind: 'aborted', durationMs: 1 }),
          );
          this.#runs.push({ fn: dispatched, request, end: resolve, throw: reject });
        }),
      logs: { forRun: () => () => undefined },
      isDead: () => false,
      onEvent: (event) => this.#events.push(event),
      ...options,
    });
  }

  async accept(
    id: string,
    functionName = 'send',
    extra: Partial<Omit<NewCall, 'kind'>> = {},
  ): Promise<void> {
    const payload = Buffer.from(
      JSON.stringify({
        headers: { 'x-bgfn-attempt': '1' },
        multiValueHeaders: { 'x-bgfn-attempt': ['1'] },
      }),
    );
    await this.#inner.accept(
      [{ kind: 'call', id, functionName, payload, retry, ...extra }],
      this.clock.nowMs(),
    );
  }

  /** Queues the delivery of an outcome, of a call that another process ran. */
  async acceptDelivery(callId: string, functionName: string): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.accept(callId, functionName, {
      destinations: { onSuccess: 'https://example.com/ok', request: {} },
    });
    for (const { invocation } of await this.#inner.claim({
      owner: 'two',
      free: { [functionName]: 1 },
      limit: 1,
      nowMs,
      leaseMs: 30_000,
    })) {
      await this.#inner.succeed({ id: invocation.id, token: invocation.lease.token }, nowMs);
    }
  }

  nextRun(): Promise<RiggedRun> {
    return this.#runs.next((run): run is RiggedRun => run !== undefined);
  }

  get runsWaiting(): number {
    return this.#runs.size;
  }

  event<Kind extends DispatcherEvent['kind']>(
    kind: Kind,
  ): Promise<Extract<DispatcherEvent, { kind: Kind }>> {
    return this.#events.next(
      (event): event is Extract<DispatcherEvent, { kind: Kind }> => event.kind === kind,
    );
  }

  eventsWaiting(kind: DispatcherEvent['kind']): number {
    return this.#events.count((event) => event.kind === kind);
  }

  /** The same store as another process sees it; never away. */
  get elsewhere(): Store {
    return this.#inner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner.close();
    await rm(this.#directory, { recursive: true });
  }
}
