import type { Claimed, OwnerRecord, Store } from '../../queue/store.ts';
import { StoreUnavailableError } from '../../queue/store.ts';
import { fail } from '../../queue/transitions.ts';
import type { RunningInvocation } from '../../queue/transitions.ts';
import type { RunnableFunction, RunOutcome, RunRequest, RunResponse } from '../../worker/worker.ts';
import { pause } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { DispatcherEvent, DispatcherEventListener } from './events.ts';
import { backOffMs, leaseCheckMs, leaseMs, pollMs, releaseGraceMs, storeRetryMs } from './limits.ts';
import { recordEnd } from './record.ts';
import { Rescuer } from './rescuer.ts';
import { runAttempt } from './run-attempt.ts';
import type { DispatchableFunction, Ending } from './run-attempt.ts';
import { isCrash, Slots } from './slots.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { SiteHeaders } from '../calls/event.ts';
import { isDeadOwner } from './owner.ts';
import type { Tracing } from '../tracing/tracing.ts';

export interface DispatcherOptions {
  readonly store: Store;
  /** This process, from `describeOwner`. */
  readonly owner: OwnerRecord;
  readonly clock: Clock;
  /** Runs at the same time, over all functions. */
  readonly concurrency: number;
  /** Runs of one function at the same time, unless the function says otherwise. */
  readonly perFunctionConcurrency: number;
  /** The functions of the manifest as it is now, by name; asked before every claim. */
  readonly functions: () => ReadonlyMap<string, DispatchableFunction>;
  /** `WorkerPool.run`. */
  readonly run: (fn: RunnableFunction, request: RunRequest) => Promise<RunOutcome>;
  readonly logs: Pick<LogSink, 'forRun'>;
  /** The headers of the site as it is deployed now. Default: none. */
  readonly site?: () => SiteHeaders;
  /** Default: nothing is recorded. */
  readonly tracing?: Pick<Tracing, 'attempt'>;
  /** Replaces every policy's delays; development only. */
  readonly retryDelaysSeconds?: readonly number[];
  readonly onEvent?: DispatcherEventListener;
  /** Default `isDeadOwner`. */
  readonly isDead?: (owner: OwnerRecord) => boolean;
}

/** Claims what is due, runs it and records how it ended. */
export interface Dispatcher {
  /** Registers this process, rescues what dead ones left behind, and begins. @throws StoreUnavailableError */
  start(): Promise<void>;
  /** Something was put into the store: it is claimed now, not at the next poll. With names: nothing is asked of the store while none of these has a free slot. */
  wake(functionNames?: Iterable<string>): void;
  /** One round: leases, rescues, claims. Resolves when what it claimed has been handed to workers, with the time until the next is wanted, ms. */
  tick(nowMs?: number): Promise<number>;
  /** No more claims; waits up to `graceMs` for what runs, then stops the rest and gives it back to the queue, not counting the attempt. */
  drain(graceMs: number): Promise<void>;
  stats(): { readonly running: number; readonly concurrency: number; readonly draining: boolean };
}

interface ActiveRun {
  readonly invocation: RunningInvocation;
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** Why it is being stopped; what came first counts. */
  stopping?: 'lease-lost' | 'drain';
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new StoreDispatcher(options);
}

/** What a function answered, as its destination will get it; nothing when it is no JSON. */
function responseJson(response: RunResponse): unknown {
  if (response.kind === 'streamed') return { statusCode: response.statusCode };
  try {
    return JSON.parse(Buffer.from(response.body).toString('utf8'));
  } catch {
    return undefined;
  }
}

class StoreDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #slots: Slots;
  readonly #rescuer: Rescuer;
  readonly #runs = new Map<string, ActiveRun>();
  readonly #giveUp = new AbortController();
  readonly #missing = new Set<string>();
  /** Runs that ended and whose end the store could not take yet. */
  readonly #waitingRecords = new Set<string>();
  #started = false;
  #drained: Promise<void> | undefined;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;
  #storeFailures = 0;
  #storeRetryAtMs = 0;
  #leasesCheckedAtMs = Number.NEGATIVE_INFINITY;
  #pollAtMs = Number.POSITIVE_INFINITY;
  #callOffTimer: () => void = () => undefined;

  constructor(options: DispatcherOptions) {
    const { store, clock, owner, isDead = isDeadOwner, retryDelaysSeconds } = options;
    this.#options = options;
    this.#slots = new Slots(options);
    this.#rescuer = new Rescuer({ store, clock, owner, isDead, ...(retryDelaysSeconds === undefined ? {} : { retryDelaysSeconds }) });
  }

  async start(): Promise<void> {
    await this.#options.store.registerOwner(this.#options.owner);
    this.#started = true;
    await this.#poll();
  }

  wake(functionNames?: Iterable<string>): void {
    if (this.#started && (functionNames === undefined || this.#hasSlotFor(functionNames))) {
      void this.#claim(this.#options.clock.nowMs());
    }
  }

  #hasSlotFor(functionNames: Iterable<string>): boolean {
    const { functions, clock } = this.#options;
    const known = Array.from(functionNames, (name) => functions().get(name)).filter((fn) => fn !== undefined);
    return this.#slots.free > 0 && Object.keys(this.#slots.freeByFunction(known, clock.monotonicMs())).length > 0;
  }

  stats() {
    return { running: this.#runs.size, concurrency: this.#options.concurrency, draining: this.#drained !== undefined };
  }

  async tick(nowMs = this.#options.clock.nowMs()): Promise<number> {
    try {
      this.#rescuer.observe(nowMs);
      await this.#checkLeases(nowMs);
      if (this.#drained === undefined && this.#rescuer.isDue) {
        await this.#rescue(nowMs);
      }
      await this.#claim(nowMs);
      const next = await this.#options.store.nextAvailableAtMs(nowMs);
      return next === undefined ? pollMs : Math.max(1, Math.min(pollMs, next - nowMs));
    } catch (error) {
      this.#failed(error);
      return pollMs;
    }
  }

  drain(graceMs: number): Promise<void> {
    this.#drained ??= this.#drain(graceMs);
    return this.#drained;
  }

  async #drain(graceMs: number): Promise<void> {
    const { clock, store, owner } = this.#options;
    // Nothing is claimed from here on; a claim that is under way is waited for, and what it brings is run or released like the rest.
    await this.#claiming;
    const over = new AbortController();
    const finished = this.#allDone().then(() => over.abort());
    await pause(clock, graceMs, over.signal);
    for (const run of this.#runs.values()) {
      run.stopping ??= 'drain';
      run.abort.abort();
    }
    const callOff = clock.after(releaseGraceMs, () => this.#giveUp.abort());
    // A worker that cannot be stopped does not stop the shutdown either: its invocation is rescued by the next process.
    await Promise.race([finished, pause(clock, 2 * releaseGraceMs, over.signal)]);
    callOff();
    this.#callOffTimer();
    this.#started = false;
    try {
      await store.removeOwners([owner.id]);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #allDone(): Promise<void> {
    while (this.#runs.size > 0) {
      await Promise.all(Array.from(this.#runs.values(), (run) => run.done));
    }
  }

  /** Runs `tick` again and again, sleeping until the next invocation is due, a second at most. */
  async #poll(): Promise<void> {
    this.#pollAtMs = Number.POSITIVE_INFINITY;
    this.#pollWithin(await this.tick());
  }

  /** Sets the next poll, unless one is set that comes sooner. */
  #pollWithin(delayMs: number): void {
    const atMs = this.#options.clock.monotonicMs() + delayMs;
    if (this.#started && atMs < this.#pollAtMs) {
      this.#pollAtMs = atMs;
      this.#callOffTimer();
      this.#callOffTimer = this.#options.clock.after(delayMs, () => void this.#poll());
    }
  }

  /** One claim at a time; what asks for another meanwhile shares the next. */
  #claim(nowMs: number): Promise<void> {
    if (this.#claiming !== undefined) {
      this.#claimAgain = true;
      return this.#claiming;
    }
    this.#claiming = this.#claimAll(nowMs);
    return this.#claiming;
  }

  async #claimAll(firstMs: number): Promise<void> {
    let nowMs = firstMs;
    try {
      do {
        this.#claimAgain = false;
        await this.#claimOnce(nowMs);
        nowMs = Math.max(nowMs, this.#options.clock.nowMs());
      } while (this.#claimAgain);
    } finally {
      // In the same step as the last look at `#claimAgain`: what wakes us a microtask later begins a claim of its own.
      this.#claiming = undefined;
    }
  }

  async #claimOnce(nowMs: number): Promise<void> {
    const { store, owner, functions, clock } = this.#options;
    if (this.#drained !== undefined || this.#slots.free <= 0 || clock.monotonicMs() < this.#storeRetryAtMs) {
      return;
    }
    const free = this.#slots.freeByFunction(functions().values(), clock.monotonicMs());
    if (Object.keys(free).length === 0) {
      return;
    }
    try {
      const claims = await store.claim({ owner: owner.id, free, limit: this.#slots.free, deliveryLimit: this.#slots.deliveriesFree, nowMs, leaseMs });
      if (claims.length > 0 || this.#waitingRecords.size === 0) {
        // A claim that gives nothing may have written nothing: it succeeds on a full disk too.
        this.#storeAnswered();
      }
      for (const claimed of claims) {
        this.#begin(claimed);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #begin(claimed: Claimed): void {
    const { invocation } = claimed;
    const abort = new AbortController();
    this.#slots.take(invocation.functionName);
    const run: ActiveRun = { invocation, abort, done: this.#runToEnd(claimed, abort.signal) };
    this.#runs.set(invocation.id, run);
  }

  async #runToEnd(claimed: Claimed, signal: AbortSignal): Promise<void> {
    const { invocation } = claimed;
    try {
      const ending = await this.#runOne(claimed, signal);
      await this.#record(claimed, ending);
    } catch (error) {
      this.#emit({ kind: 'internal-error', error });
    } finally {
      this.#runs.delete(invocation.id);
      this.#slots.give(invocation.functionName);
      this.wake();
    }
  }

  async #runOne(claimed: Claimed, signal: AbortSignal): Promise<Ending> {
    const { functions, run, logs, clock, tracing, site = () => [] } = this.#options;
    const { invocation } = claimed;
    const fn = functions().get(invocation.functionName);
    if (fn === undefined) {
      // Taken out of the manifest between the claim and now.
      return { kind: 'aborted' };
    }
    const onStart = () => this.#emit({ kind: 'started', invocation, atMs: clock.nowMs() });
    return await runAttempt({ fn, claimed, run, logs, site: site(), signal, onStart, ...(tracing === undefined ? {} : { tracing }) });
  }

  async #record({ invocation, wantsResponse }: Claimed, ending: Ending): Promise<void> {
    const { store, clock, retryDelaysSeconds } = this.#options;
    const lease = { id: invocation.id, token: invocation.lease.token };
    // The time of the end, not of the moment the store takes it: retries are counted from here.
    const nowMs = clock.nowMs();
    const write = () => {
      switch (ending.kind) {
        case 'succeeded':
          return store.succeed(lease, nowMs, wantsResponse ? responseJson(ending.response) : undefined);
        case 'failed':
          return store.fail(lease, ending.error, nowMs, retryDelaysSeconds);
        case 'aborted':
          return this.#runs.get(invocation.id)?.stopping === 'lease-lost' ? Promise.resolve(false) : store.release(lease, nowMs);
      }
    };
    this.#noteHealth(invocation.functionName, ending, nowMs);
    const onUnavailable = (error: StoreUnavailableError) => {
      this.#waitingRecords.add(invocation.id);
      this.#failed(error);
    };
    const result = await recordEnd(write, { clock, giveUp: this.#giveUp.signal, onUnavailable });
    this.#waitingRecords.delete(invocation.id);
    if (result !== 'recorded') {
      this.#emit({ kind: result === 'lost' ? 'lease-lost' : 'unrecorded', invocation });
      return;
    }
    this.#storeAnswered();
    switch (ending.kind) {
      case 'succeeded':
        this.#emit({ kind: 'succeeded', invocation, durationMs: ending.durationMs, response: ending.response });
        return;
      case 'failed': {
        const next = fail(invocation, ending.error, nowMs, retryDelaysSeconds);
        this.#emit({ kind: 'failed', invocation, durationMs: ending.durationMs, error: ending.error, next });
        if (next.state === 'queued') {
          this.#pollWithin(Math.max(1, next.availableAtMs - clock.nowMs()));
        }
        return;
      }
      case 'aborted':
        this.#emit({ kind: 'released', invocation });
    }
  }

  #noteHealth(functionName: string, ending: Ending, nowMs: number): void {
    if (ending.kind === 'failed' && ending.error.reason !== 'lost' && isCrash(ending.error.reason)) {
      const held = this.#slots.crashed(functionName, this.#options.clock.monotonicMs());
      if (held !== undefined) {
        this.#emit({ kind: 'held-back', functionName, crashes: held.crashes, untilMs: nowMs + held.delayMs });
      }
    } else if (ending.kind !== 'aborted') {
      this.#slots.ranWell(functionName);
    }
  }

  /** Extends the leases, and stops the runs that lost theirs: cancelled, or rescued elsewhere. */
  async #checkLeases(nowMs: number): Promise<void> {
    const { store, clock } = this.#options;
    if (this.#runs.size === 0 || clock.monotonicMs() - this.#leasesCheckedAtMs < leaseCheckMs) {
      return;
    }
    const runs = [...this.#runs.values()];
    const leases = runs.map(({ invocation }) => ({ id: invocation.id, token: invocation.lease.token }));
    const gone = new Set(await store.heartbeat(leases, nowMs, leaseMs));
    this.#leasesCheckedAtMs = clock.monotonicMs();
    for (const run of runs) {
      if (gone.has(run.invocation.id)) {
        run.stopping ??= 'lease-lost';
        run.abort.abort();
      }
    }
  }

  async #rescue(nowMs: number): Promise<void> {
    for (const invocation of await this.#rescuer.run(nowMs)) {
      this.#emit({ kind: 'rescued', invocation });
    }
    const functions = this.#options.functions();
    for (const { functionName, counts } of await this.#options.store.stats(nowMs)) {
      if (functions.has(functionName)) {
        this.#missing.delete(functionName);
      } else if (counts.queued > 0 && !this.#missing.has(functionName)) {
        this.#missing.add(functionName);
        this.#emit({ kind: 'function-missing', functionName, queued: counts.queued });
      }
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) {
      this.#emit({ kind: 'internal-error', error });
      return;
    }
    this.#storeFailures += 1;
    this.#storeRetryAtMs = this.#options.clock.monotonicMs() + backOffMs(this.#storeFailures, storeRetryMs.first, storeRetryMs.longest);
    if (this.#storeFailures === 1) {
      this.#emit({ kind: 'store-unavailable', message: error.message });
    }
  }

  #storeAnswered(): void {
    if (this.#storeFailures > 0) {
      this.#storeFailures = 0;
      this.#storeRetryAtMs = 0;
      this.#rescuer.distrustExpiry();
      this.#emit({ kind: 'store-recovered' });
    }
  }

  #emit(event: DispatcherEvent): void {
    this.#options.onEvent?.(event);
  }
}
