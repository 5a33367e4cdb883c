import type { SiteHeaders } from '../calls/event.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Clock } from '../platform/clock.ts';
import type { RunningInvocation } from '../queue/invocation.ts';
import type { Claimed, Store } from '../queue/store.ts';
import * as transitions from '../queue/transitions.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { RunOutcome, RunRequest } from '../worker/worker.ts';
import type { DispatcherEventListener } from './dispatcher-event.ts';
import { leaseCheckMs, leaseMs } from './limits.ts';
import { recordEnd } from './record.ts';
import { responseForDestination } from './response-for-destination.ts';
import { runAttempt, type DispatchableFunction, type Ending } from './run-attempt.ts';
import { isCrash, type Slots } from './slots.ts';

/** What it takes to run an invocation. */
export interface RunOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The functions deployed now, by name. */
  readonly functions: () => ReadonlyMap<string, DispatchableFunction>;
  /** Runs a call in a worker, or sends a delivery. */
  readonly run: (fn: DispatchableFunction, request: RunRequest) => Promise<RunOutcome>;
  readonly logs: Pick<LogSink, 'forRun'>;
  /** The site headers of the current deployment. Default: none. */
  readonly site?: (() => SiteHeaders) | undefined;
  /** Default: nothing is recorded. */
  readonly tracing?: Pick<Tracing, 'attempt'> | undefined;
  /** Replaces every policy's delays; development only (`retryPolicyOf`, background-calls.ts). */
  readonly retryDelaysSeconds?: readonly number[] | undefined;
}

/** Is called when something happens to a run. */
export interface RunObserver {
  readonly emit: DispatcherEventListener;
  /** The store has taken the end of a run. */
  onRecorded(): void;
  /** The store could not take the end of a run. The write is tried again. */
  onStoreError(error: unknown): void;
  /** An attempt failed, and the next one is due in `delayMs`. */
  onRetryIn(delayMs: number): void;
  /** A run is over and its slot is free. */
  onSlotFree(): void;
}

interface ActiveRun {
  readonly invocation: RunningInvocation;
  readonly abort: AbortController;
  /** Resolves when the worker has ended the run. */
  readonly ended: Promise<Ending>;
  /** Resolves when the end of the run is recorded, or recording was given up. */
  readonly recorded: Promise<void>;
  /** Why the run is being stopped; the first reason counts. */
  stopping?: 'lease-lost' | 'drain';
}

/**
 * The invocations that this process runs. An invocation is in this collection, takes a slot and has
 * its lease extended from its claim until its end is recorded.
 */
export class ActiveRuns {
  readonly #options: RunOptions;
  readonly #slots: Slots;
  readonly #observer: RunObserver;
  /**
   * Runs by lease token, not by invocation: an invocation that was cancelled and replayed can be
   * claimed again while its old run is still being stopped.
   */
  readonly #runs = new Map<string, ActiveRun>();
  /** The lease tokens of the runs whose end could not be stored yet. */
  readonly #waitingRecords = new Set<string>();
  readonly #giveUp = new AbortController();
  #leasesCheckedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RunOptions, slots: Slots, observer: RunObserver) {
    this.#options = options;
    this.#slots = slots;
    this.#observer = observer;
  }

  get size(): number {
    return this.#runs.size;
  }

  get areWaitingForStore(): boolean {
    return this.#waitingRecords.size > 0;
  }

  begin(claimed: Claimed): void {
    const { invocation } = claimed;
    const abort = new AbortController();
    this.#slots.take(invocation);
    // A second claim of an invocation shows that its earlier run in this process lost its lease,
    // even if no heartbeat has reported that yet.
    const earlier = [...this.#runs.values()].filter((run) => run.invocation.id === invocation.id);
    for (const run of earlier) stop(run, 'lease-lost');
    const ended = this.#runAfter(earlier, claimed, abort.signal);
    this.#runs.set(invocation.lease.token, {
      invocation,
      abort,
      ended,
      recorded: this.#recordEndOf(claimed, ended),
    });
  }

  /** Waits for earlier runs of the same invocation, because two must never run at once. */
  async #runAfter(
    earlier: readonly ActiveRun[],
    claimed: Claimed,
    signal: AbortSignal,
  ): Promise<Ending> {
    if (earlier.length > 0) await Promise.allSettled(earlier.map((run) => run.ended));
    return this.#runOne(claimed, signal);
  }

  /** Extends the leases. Stops runs without a lease: cancelled, or rescued by another process. */
  async keepLeases(nowMs: number): Promise<void> {
    const { store, clock } = this.#options;
    const runs = [...this.#runs.values()].filter((run) => run.stopping !== 'lease-lost');
    if (runs.length === 0 || clock.monotonicMs() - this.#leasesCheckedAtMs < leaseCheckMs) {
      return;
    }
    const leases = runs.map(({ invocation }) => ({
      id: invocation.id,
      token: invocation.lease.token,
    }));
    const gone = new Set(await store.heartbeat(leases, nowMs, leaseMs));
    this.#leasesCheckedAtMs = clock.monotonicMs();
    for (const run of runs) {
      if (gone.has(run.invocation.id)) stop(run, 'lease-lost');
    }
  }

  /** Resolves when nothing runs. */
  async finished(): Promise<void> {
    while (this.#runs.size > 0) {
      await Promise.all(Array.from(this.#runs.values(), (run) => run.recorded));
    }
  }

  /** Stops all runs; each invocation goes back into the queue. */
  stopAll(): void {
    for (const run of this.#runs.values()) stop(run, 'drain');
  }

  /** Ends the tries to record ends of runs: the next process will rescue these runs. */
  giveUpRecords(): void {
    this.#giveUp.abort();
  }

  async #recordEndOf(claimed: Claimed, ended: Promise<Ending>): Promise<void> {
    const { invocation } = claimed;
    try {
      const ending = await ended;
      this.#noteCrash(invocation.functionName, ending);
      await this.#record(claimed, ending);
    } catch (error) {
      this.#observer.emit({ kind: 'internal-error', error });
    } finally {
      this.#runs.delete(invocation.lease.token);
      this.#slots.give(invocation);
      this.#observer.onSlotFree();
    }
  }

  async #runOne(claimed: Claimed, signal: AbortSignal): Promise<Ending> {
    const { functions, run, logs, clock, tracing, site = () => [] } = this.#options;
    const { invocation } = claimed;
    const fn = functions().get(invocation.functionName);
    if (fn === undefined) {
      // A reload since the claim has removed the function.
      return { kind: 'aborted' };
    }
    const onStart = () => this.#observer.emit({ kind: 'started', invocation, atMs: clock.nowMs() });
    return runAttempt({
      fn,
      claimed,
      run,
      logs,
      clock,
      site: site(),
      signal,
      onStart,
      tracing,
    });
  }

  /** Counts a crash of the function, or resets the count after a run without a crash. */
  #noteCrash(functionName: string, ending: Ending): void {
    const { clock } = this.#options;
    if (
      ending.kind === 'failed' &&
      ending.error.reason !== 'lost' &&
      isCrash(ending.error.reason)
    ) {
      const held = this.#slots.crashed(functionName, clock.monotonicMs());
      if (held !== undefined) {
        this.#observer.emit({
          kind: 'held-back',
          functionName,
          crashes: held.crashes,
          untilMs: clock.nowMs() + held.delayMs,
        });
      }
    } else if (ending.kind !== 'aborted') {
      this.#slots.ranWell(functionName);
    }
  }

  async #record(claimed: Claimed, ending: Ending): Promise<void> {
    const { invocation } = claimed;
    const { clock } = this.#options;
    // Taken before the write, which may be delayed: retry delays count from the end of the run.
    const endedAtMs = clock.nowMs();
    const onUnavailable = (error: unknown) => {
      this.#waitingRecords.add(invocation.lease.token);
      this.#observer.onStoreError(error);
    };
    const result = await recordEnd(() => this.#write(claimed, ending, endedAtMs), {
      clock,
      giveUp: this.#giveUp.signal,
      onUnavailable,
    });
    this.#waitingRecords.delete(invocation.lease.token);
    if (result !== 'recorded') {
      this.#observer.emit({ kind: result === 'lost' ? 'lease-lost' : 'unrecorded', invocation });
      return;
    }
    this.#observer.onRecorded();
    this.#announce(invocation, ending, endedAtMs);
  }

  #write(
    { invocation, wantsResponse }: Claimed,
    ending: Ending,
    endedAtMs: number,
  ): Promise<boolean> {
    const { store, retryDelaysSeconds } = this.#options;
    const lease = { id: invocation.id, token: invocation.lease.token };
    switch (ending.kind) {
      case 'succeeded':
        return store.succeed(
          lease,
          endedAtMs,
          wantsResponse ? responseForDestination(ending.response) : undefined,
        );
      case 'failed':
        return store.fail(lease, ending.error, endedAtMs, retryDelaysSeconds);
      case 'aborted':
        return this.#runs.get(invocation.lease.token)?.stopping === 'lease-lost'
          ? Promise.resolve(false)
          : store.release(lease, endedAtMs);
    }
  }

  #announce(invocation: RunningInvocation, ending: Ending, endedAtMs: number): void {
    const { clock, retryDelaysSeconds } = this.#options;
    switch (ending.kind) {
      case 'succeeded':
        this.#observer.emit({
          kind: 'succeeded',
          invocation,
          durationMs: ending.durationMs,
          response: ending.response,
        });
        return;
      case 'failed': {
        const next = transitions.fail(invocation, ending.error, endedAtMs, retryDelaysSeconds);
        this.#observer.emit({
          kind: 'failed',
          invocation,
          durationMs: ending.durationMs,
          error: ending.error,
          next,
        });
        if (next.state === 'queued') {
          this.#observer.onRetryIn(Math.max(1, next.availableAtMs - clock.nowMs()));
        }
        return;
      }
      case 'aborted':
        this.#observer.emit({ kind: 'released', invocation });
    }
  }
}

function stop(run: ActiveRun, reason: NonNullable<ActiveRun['stopping']>): void {
  run.stopping ??= reason;
  run.abort.abort();
}
