import type { SiteHeaders } from '../calls/event.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Clock } from '../platform/clock.ts';
import type { RunningInvocation } from '../queue/invocation.ts';
import type { Claimed, Store } from '../queue/store.ts';
import { fail } from '../queue/transitions.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { RunOutcome, RunRequest, RunResponse } from '../worker/worker.ts';
import type { DispatcherEventListener } from './dispatcher-event.ts';
import { leaseCheckMs, leaseMs } from './limits.ts';
import { recordEnd } from './record.ts';
import { runAttempt, type DispatchableFunction, type Ending } from './run-attempt.ts';
import { isCrash, type Slots } from './slots.ts';

/** What running an invocation takes. */
export interface RunOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The functions of the manifest as it is now, by name. */
  readonly functions: () => ReadonlyMap<string, DispatchableFunction>;
  /** Runs a call in a worker, and sends a delivery. */
  readonly run: (fn: DispatchableFunction, request: RunRequest) => Promise<RunOutcome>;
  readonly logs: Pick<LogSink, 'forRun'>;
  /** The headers of the site as it is deployed now. Default: none. */
  readonly site?: () => SiteHeaders;
  /** Default: nothing is recorded. */
  readonly tracing?: Pick<Tracing, 'attempt'>;
  /** Replaces every policy's delays; development only. */
  readonly retryDelaysSeconds?: readonly number[] | undefined;
}

/** Whom the runs tell what happened to them. */
export interface RunObserver {
  readonly emit: DispatcherEventListener;
  /** The end of a run is on the disk: the store answers. */
  onRecorded(): void;
  /** The end of a run could not be written and is tried again. */
  onStoreError(error: unknown): void;
  /** The next attempt of what failed is due then. */
  onRetryIn(delayMs: number): void;
  /** A run is over and its slot is free. */
  onSlotFree(): void;
}

interface ActiveRun {
  readonly invocation: RunningInvocation;
  readonly abort: AbortController;
  /** Its worker has it no more. */
  readonly ended: Promise<Ending>;
  /** Its end is recorded, as far as it will be. */
  readonly done: Promise<void>;
  /** Why it is being stopped; what came first counts. */
  stopping?: 'lease-lost' | 'drain';
}

/**
 * Bytes of an answer that are kept for its destination: what the adapter leaves of one (64 KiB of
 * body) as JSON fits in, whatever has to be escaped.
 */
const longestTold = 512 * 1024;

/**
 * What this process runs: each invocation from its claim until its end is recorded, its slot taken
 * and its lease kept alive for so long.
 */
export class ActiveRuns {
  readonly #options: RunOptions;
  readonly #slots: Slots;
  readonly #observer: RunObserver;
  /**
   * By the token of their lease: an invocation that was cancelled and retried is claimed while its
   * old run is still being stopped.
   */
  readonly #runs = new Map<string, ActiveRun>();
  /** Those that ended and whose end the store could not take yet. */
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
    // What the store gives out again it has taken from the run before, whether or not that was heard here yet.
    const before = [...this.#runs.values()].filter((run) => run.invocation.id === invocation.id);
    for (const run of before) stop(run, 'lease-lost');
    const ended = this.#runAfter(before, claimed, abort.signal);
    this.#runs.set(invocation.lease.token, {
      invocation,
      abort,
      ended,
      done: this.#recordEndOf(claimed, ended),
    });
  }

  /** Never beside an earlier run of the same invocation. */
  async #runAfter(
    before: readonly ActiveRun[],
    claimed: Claimed,
    signal: AbortSignal,
  ): Promise<Ending> {
    if (before.length > 0) await Promise.allSettled(before.map((run) => run.ended));
    return await this.#runOne(claimed, signal);
  }

  /** Extends the leases, and stops the runs that lost theirs: cancelled, or rescued elsewhere. */
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
      await Promise.all(Array.from(this.#runs.values(), (run) => run.done));
    }
  }

  /** Stops what runs and gives it back to the queue. */
  stopAll(): void {
    for (const run of this.#runs.values()) stop(run, 'drain');
  }

  /** What the store has not taken by now is tried no more: the next process will rescue it. */
  giveUpRecords(): void {
    this.#giveUp.abort();
  }

  async #recordEndOf(claimed: Claimed, ended: Promise<Ending>): Promise<void> {
    const { invocation } = claimed;
    try {
      const ending = await ended;
      this.#noteHealth(invocation.functionName, ending);
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
      // Taken out of the manifest between the claim and now.
      return { kind: 'aborted' };
    }
    const onStart = () => this.#observer.emit({ kind: 'started', invocation, atMs: clock.nowMs() });
    return await runAttempt({
      fn,
      claimed,
      run,
      logs,
      clock,
      site: site(),
      signal,
      onStart,
      ...(tracing === undefined ? {} : { tracing }),
    });
  }

  #noteHealth(functionName: string, ending: Ending): void {
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
    // The time of the end, not of the moment the store takes it: retries are counted from here.
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
    this.#tell(invocation, ending, endedAtMs);
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
        return store.succeed(lease, endedAtMs, wantsResponse ? toldOf(ending.response) : undefined);
      case 'failed':
        return store.fail(lease, ending.error, endedAtMs, retryDelaysSeconds);
      case 'aborted':
        return this.#runs.get(invocation.lease.token)?.stopping === 'lease-lost'
          ? Promise.resolve(false)
          : store.release(lease, endedAtMs);
    }
  }

  #tell(invocation: RunningInvocation, ending: Ending, endedAtMs: number): void {
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
        const next = fail(invocation, ending.error, endedAtMs, retryDelaysSeconds);
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

/** What its destination is told of what a function answered, JSON text; nothing when it is no JSON. */
function toldOf(response: RunResponse): string | undefined {
  if (response.kind === 'streamed') return JSON.stringify({ statusCode: response.statusCode });
  const text = Buffer.from(response.body).toString('utf8');
  try {
    const answer: unknown = JSON.parse(text);
    return response.body.byteLength <= longestTold
      ? text
      : JSON.stringify({ statusCode: statusCodeOf(answer), bodyTooLong: true });
  } catch {
    return undefined;
  }
}

function statusCodeOf(answer: unknown): number | undefined {
  return typeof answer === 'object' &&
    answer !== null &&
    'statusCode' in answer &&
    typeof answer.statusCode === 'number'
    ? answer.statusCode
    : undefined;
}
