import type { Metrics } from '../../observe/metrics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Store } from '../../queue/store.ts';

const defaultIntervalMs = 5_000;
/** One hour at the default interval. */
const samplesKept = 720;

/** What happened in one interval (counts), and how the queue stood at its end. */
export interface HistorySample {
  /** End of the interval, ms since the epoch. */
  readonly atMs: number;
  readonly accepted: number;
  /** Attempts that ended so. */
  readonly succeeded: number;
  readonly failed: number;
  readonly queued: number;
  readonly running: number;
}

export interface History {
  readonly intervalMs: number;
  /** Oldest first; at most the last hour. */
  samples(): readonly HistorySample[];
  /** Takes one sample now: what the clock does by itself, open to tests. */
  sample(): Promise<void>;
  stop(): void;
}

/**
 * Takes a sample every few seconds for the plot of the admin page. A store that cannot be read
 * leaves a gap.
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
  let callOff: (() => void) | undefined;

  const sample = async (): Promise<void> => {
    const atMs = clock.nowMs();
    const stats = await store.stats(atMs).catch(() => undefined);
    if (stats === undefined) return;
    const totals = metrics.totals();
    const sum = (state: 'queued' | 'running'): number =>
      stats.reduce((total, { counts }) => total + counts[state], 0);
    samples.push({
      atMs,
      accepted: totals.accepted - before.accepted,
      succeeded: totals.succeeded - before.succeeded,
      failed: totals.failed - before.failed,
      queued: sum('queued'),
      running: sum('running'),
    });
    before = totals;
    if (samples.length > samplesKept) samples.shift();
  };
  const next = (): void => {
    callOff = clock.after(intervalMs, () => {
      void sample().finally(() => {
        if (!stopped) next();
      });
    });
  };
  next();
  return {
    intervalMs,
    samples: () => samples,
    sample,
    stop() {
      stopped = true;
      callOff?.();
    },
  };
}
