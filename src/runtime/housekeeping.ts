import { readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../diagnostic/system-error.ts';
import type { LogStore } from './logs/log-store.ts';
import type { LogSink } from './observe/log-sink.ts';
import type { Store } from './queue/store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/**
 * A runtime touches the directories it uses every hour; one untouched for so long belongs to
 * nobody.
 */
const abandonedMs = 3 * hourMs;
const maxLogLines = 2_000_000;

export interface HousekeepingOptions {
  readonly store: Pick<Store, 'purge'>;
  readonly logStore: Pick<LogStore, 'prune'>;
  readonly logs: Pick<LogSink, 'platform'>;
  readonly extractDirectory: string;
  /** Names of the extracted directories in use. */
  readonly inUse: () => ReadonlySet<string>;
  readonly now: () => number;
  readonly retention: Retention;
}

/** How long things are kept, ms. */
export interface Retention {
  readonly logsMs: number;
  /** Succeeded and cancelled invocations. */
  readonly endedMs: number;
  /** Failed ones: they wait for somebody to look at them. */
  readonly failedMs: number;
}

export const defaultRetention: Retention = {
  logsMs: 7 * dayMs,
  endedMs: 7 * dayMs,
  failedMs: 30 * dayMs,
};

/**
 * Tidies up now and every hour; the function returned ends that. What cannot be tidied is reported
 * and tried again an hour later.
 */
export function startHousekeeping(options: HousekeepingOptions): () => void {
  const stopped = new AbortController();
  void tidy(options, stopped.signal);
  const timer = setInterval(() => void tidy(options, stopped.signal), hourMs).unref();
  return () => {
    clearInterval(timer);
    stopped.abort();
  };
}

/**
 * One round: old log lines, old invocations, extracted artifacts that nobody uses. The stores are
 * closed under it when the runtime stops; the next one goes on.
 */
async function tidy(
  { store, logStore, logs, extractDirectory, inUse, now, retention }: HousekeepingOptions,
  stopped: AbortSignal,
): Promise<void> {
  const nowMs = now();
  const steps: readonly (() => Promise<unknown>)[] = [
    () => logStore.prune({ beforeMs: nowMs - retention.logsMs, maxLines: maxLogLines }),
    () =>
      store.purge({
        finishedBeforeMs: nowMs - retention.endedMs,
        states: ['succeeded', 'cancelled'],
      }),
    () => store.purge({ finishedBeforeMs: nowMs - retention.failedMs, states: ['failed'] }),
    () => sweepExtracted(extractDirectory, inUse(), nowMs),
  ];
  for (const step of steps) {
    if (stopped.aborted) return;
    try {
      await step();
    } catch (error) {
      if (!stopped.aborted) {
        logs.platform({
          level: 'warn',
          text: `Old data could not be deleted: ${messageOf(error)}`,
        });
      }
    }
  }
}

/**
 * Marks the directories in use and deletes those that no runtime has marked for hours, unfinished
 * ones included.
 */
async function sweepExtracted(
  directory: string,
  inUse: ReadonlySet<string>,
  nowMs: number,
): Promise<void> {
  for (const name of await readdir(directory)) {
    const full = path.join(directory, name);
    if (inUse.has(name)) {
      await utimes(full, nowMs / 1000, nowMs / 1000);
    } else if (nowMs - (await stat(full)).mtimeMs > abandonedMs) {
      await rm(full, { recursive: true, force: true });
    }
  }
}
