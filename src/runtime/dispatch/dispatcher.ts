import { pause } from '../platform/clock.ts';
import type { OwnerRecord } from '../queue/store.ts';
import { ActiveRuns, type RunOptions } from './active-runs.ts';
import type { DispatcherEvent, DispatcherEventListener } from './dispatcher-event.ts';
import { leaseMs, pollMs, releaseGraceMs } from './limits.ts';
import { isDeadOwner } from './owner.ts';
import { Rescuer } from './rescuer.ts';
import { Slots, type SlotOptions } from './slots.ts';
import { StoreHealth } from './store-health.ts';

export interface DispatcherOptions extends RunOptions, SlotOptions {
  /** This process, from `describeOwner`. */
  readonly owner: OwnerRecord;
  readonly onEvent?: DispatcherEventListener;
  /** Default `isDeadOwner`. */
  readonly isDead?: (owner: OwnerRecord) => boolean;
}

/** Claims due invocations, runs them and records how they ended. */
export interface Dispatcher {
  /**
   * Registers this process, rescues the runs of dead processes, and begins to claim.
   *
   * @throws {StoreUnavailableError}
   */
  start(): Promise<void>;
  /**
   * Claims now instead of at the next poll, because an invocation was put into the store. With
   * names, nothing is claimed unless one of these functions has a free slot.
   */
  wake(functionNames?: Iterable<string>): void;
  /**
   * Does one round: extends leases, rescues, claims. Resolves once the claimed invocations are
   * passed to workers, with the time until the next round is due, ms.
   */
  tick(nowMs?: number): Promise<number>;
  /**
   * Stops claiming and waits up to `graceMs` for the running invocations. Then stops the remaining
   * runs and puts their invocations back into the queue; those attempts do not count.
   */
  drain(graceMs: number): Promise<void>;
  stats(): { readonly running: number; readonly concurrency: number; readonly draining: boolean };
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new StoreDispatcher(options);
}

/*
 * How a claim comes about:
 *
 *   start, poll timer ──> #poll ──> tick ──┐   #poll then sets the timer for the next round
 *   wake (accept, free slot) ──────────────┴─> #claim ── none under way ──> #claimAll
 *                                                 └───── one under way ───> #claimAgain = true
 *   #claimAll ──> #claimOnce ──> ActiveRuns.begin; repeats while #claimAgain was set meanwhile
 *   a failed run ──> #pollWithin(delay of its retry), if that is before the next poll
 */
class StoreDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #slots: Slots;
  readonly #runs: ActiveRuns;
  readonly #rescuer: Rescuer;
  readonly #health: StoreHealth;
  /** Functions with queued invocations that are not in the manifest. */
  readonly #missing = new Set<string>();
  #started = false;
  #draining: Promise<void> | undefined;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;
  #pollAtMs = Number.POSITIVE_INFINITY;
  #cancelPoll: () => void = () => undefined;

  constructor(options: DispatcherOptions) {
    const { store, clock, owner, isDead = isDeadOwner, retryDelaysSeconds } = options;
    const emit = (event: DispatcherEvent) => this.#emit(event);
    this.#options = options;
    this.#slots = new Slots(options);
    this.#health = new StoreHealth(clock, emit);
    this.#rescuer = new Rescuer({
      store,
      clock,
      owner,
      isDead,
      retryDelaysSeconds,
    });
    this.#runs = new ActiveRuns(options, this.#slots, {
      emit,
      onRecorded: () => this.#storeAnswered(),
      onStoreError: (error) => this.#health.failed(error),
      onRetryIn: (delayMs) => this.#pollWithin(delayMs),
      onSlotFree: () => this.wake(),
    });
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

  stats() {
    return {
      running: this.#runs.size,
      concurrency: this.#options.concurrency,
      draining: this.#draining !== undefined,
    };
  }

  async tick(nowMs = this.#options.clock.nowMs()): Promise<number> {
    try {
      this.#rescuer.observe(nowMs);
      await this.#runs.keepLeases(nowMs);
      if (this.#draining === undefined && this.#rescuer.isDue) {
        await this.#rescue(nowMs);
        await this.#reportMissingFunctions(nowMs);
      }
      await this.#claim(nowMs);
      const next = await this.#options.store.nextAvailableAtMs(nowMs);
      return next === undefined ? pollMs : Math.max(1, Math.min(pollMs, next - nowMs));
    } catch (error) {
      this.#health.failed(error);
      return pollMs;
    }
  }

  drain(graceMs: number): Promise<void> {
    this.#draining ??= this.#drain(graceMs);
    return this.#draining;
  }

  async #drain(graceMs: number): Promise<void> {
    const { clock, store, owner } = this.#options;
    // Nothing more is claimed: `#draining` is set. The invocations of a claim that is under way are
    // run or released like the others.
    await this.#claiming;
    const over = new AbortController();
    const finished = this.#runs.finished().then(() => over.abort());
    await pause(clock, graceMs, over.signal);
    this.#runs.stopAll();
    const cancelGiveUp = clock.after(releaseGraceMs, () => this.#runs.giveUpRecords());
    // Two grace periods: releases are tried during the first, and the last try, which begins at its
    // end, can wait for the lock of the store's file for as long again (the busy timeout, 5 s). A
    // worker that cannot be stopped does not delay the shutdown longer than that: the next process
    // rescues its invocation.
    await Promise.race([finished, pause(clock, 2 * releaseGraceMs, over.signal)]);
    cancelGiveUp();
    this.#cancelPoll();
    this.#started = false;
    try {
      await store.removeOwners([owner.id]);
    } catch (error) {
      this.#health.failed(error);
    }
  }

  #hasSlotFor(functionNames: Iterable<string>): boolean {
    const { functions, clock } = this.#options;
    const deployed = Array.from(functionNames, (name) => functions().get(name)).filter(
      (fn) => fn !== undefined,
    );
    return (
      this.#slots.free > 0 &&
      Object.keys(this.#slots.freeByFunction(deployed, clock.monotonicMs())).length > 0
    );
  }

  /** Does one round, and sets the time of the next round. */
  async #poll(): Promise<void> {
    this.#pollAtMs = Number.POSITIVE_INFINITY;
    this.#pollWithin(await this.tick());
  }

  /** Sets the time of the next poll, unless an earlier poll is set. */
  #pollWithin(delayMs: number): void {
    const atMs = this.#options.clock.monotonicMs() + delayMs;
    if (this.#started && atMs < this.#pollAtMs) {
      this.#pollAtMs = atMs;
      this.#cancelPoll();
      this.#cancelPoll = this.#options.clock.after(delayMs, () => void this.#poll());
    }
  }

  /** Claims, one claim at a time. Callers that come during a claim wait for one more, together. */
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
      // Cleared synchronously after the last check of `#claimAgain`: a wake that comes a microtask
      // later starts a new claim.
      this.#claiming = undefined;
    }
  }

  async #claimOnce(nowMs: number): Promise<void> {
    const { store, owner, functions, clock } = this.#options;
    if (this.#draining !== undefined || this.#slots.free <= 0 || this.#health.isResting) {
      return;
    }
    const free = this.#slots.freeByFunction(functions().values(), clock.monotonicMs());
    if (Object.keys(free).length === 0) {
      return;
    }
    try {
      const claims = await store.claim({
        owner: owner.id,
        free,
        limit: this.#slots.free,
        deliveryLimit: this.#slots.deliveriesFree,
        nowMs,
        leaseMs,
      });
      if (claims.length > 0 || !this.#runs.areWaitingForStore) {
        // An empty claim may have written nothing, so it succeeds even on a full disk. While ends
        // of runs wait to be written, it does not show that the store can write.
        this.#storeAnswered();
      }
      for (const claimed of claims) {
        this.#runs.begin(claimed);
      }
    } catch (error) {
      this.#health.failed(error);
    }
  }

  async #rescue(nowMs: number): Promise<void> {
    for (const invocation of await this.#rescuer.run(nowMs)) {
      this.#emit({ kind: 'rescued', invocation });
    }
  }

  /** Reports each function with queued invocations that is not in the manifest, once. */
  async #reportMissingFunctions(nowMs: number): Promise<void> {
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

  #storeAnswered(): void {
    // While the store was unavailable, no owner could extend its leases.
    if (this.#health.answered()) this.#rescuer.distrustExpiry();
  }

  #emit(event: DispatcherEvent): void {
    this.#options.onEvent?.(event);
  }
}
