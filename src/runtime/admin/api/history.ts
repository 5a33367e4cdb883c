import type { Metrics } from '../../observe/metrics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Store } from '../../queue/store.ts';

const defaultIntervalMs = 5_000;
/** One hour at the default interval. */
const samplesKept = 720;

/** Counts of one interval, and the state of the queue at its end. */
export interface HistorySample {
  /** The end of the interval, ms since the epoch. */
  readonly atMs: number;
  readonly accepted: number;
  /** Attempts that succeeded. */
  readonly succeeded: number;
  /** Attempts that failed. */
  readonly failed: number;
  readonly queued: number;
  readonly running: number;
}

export interface History {
  readonly intervalMs: number;
  /** Oldest first; at most one hour at the default interval. */
  samples(): readonly HistorySample[];
  /** Takes a sample now, in addition to the one at each interval; for tests. */
  sample(): Promise<void>;
  stop(): void;
}

/**
 * Takes a sample of the metrics and the queue every few seconds, for the plots of the admin page.
 * No sample is taken while the store cannot be read.
 */
export function createHistory({
  metrics,
  store,
  clock,
  intervalMs = defaultIntervalMs,
}: {
  metrics: Metrics;
  store: Store;
  clock: Clock;
  intervalMs?: number;
}): History {
  const samples: HistorySample[] = [];
  let before = metrics.totals();
  let stopped = false;
  let cancelTimer: (() => void) | undefined;

  const sample = async (): Promise<void> => {
    const atMs = clock.nowMs();
    const stats = await store.stats(atMs).catch(() => undefined);
    if (stats === undefined) return;
    const totals = metrics.totals();
    const inState = (state: 'queued' | 'running'): number =>
      stats.reduce((total, { counts }) => total + counts[state], 0);
    samples.push({
      atMs,
      accepted: totals.accepted - before.accepted,
      succeeded: totals.succeeded - before.succeeded,
      failed: totals.failed - before.failed,
      queued: inState('queued'),
      running: inState('running'),
    });
    before = totals;
    if (samples.length > samplesKept) samples.shift();
  };
  const scheduleNext = (): void => {
    cancelTimer = clock.after(intervalMs, () => {
      void sample().finally(() => {
        if (!stopped) scheduleNext();
      });
    });
  };
  scheduleNext();
  return {
    intervalMs,
    samples: () => samples,
    sample,
    stop() {
      stopped = true;
      cancelTimer?.();
    },
  };
}
