import { readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../diagnostic/system-error.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import type { LogStore } from './logs/log-store.ts';
import type { LogSink } from './observe/log-sink.ts';
import type { Clock } from './platform/clock.ts';
import type { Store } from './queue/store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/**
 * The age at which an untouched directory counts as unused, ms. A runtime touches the directories
 * that it uses every hour.
 */
const abandonedMs = 3 * hourMs;
const maxLogLines = 2_000_000;

export interface HousekeepingOptions {
  readonly clock: Clock;
  readonly store: Pick<Store, 'purge'>;
  readonly logStore: Pick<LogStore, 'prune'>;
  readonly logs: Pick<LogSink, 'platform'>;
  readonly extractDirectory: string;
  /** The functions deployed now. */
  readonly functions: () => readonly Pick<LoadedFunction, 'runnable'>[];
  /** Missing fields have their defaults. */
  readonly retention?: Partial<Retention> | undefined;
}

/** How long things are kept, ms. */
export interface Retention {
  readonly logsMs: number;
  /** Succeeded and cancelled invocations. */
  readonly endedMs: number;
  /** Failed invocations: they are kept longer, until somebody has looked at them. */
  readonly failedMs: number;
}

export const defaultRetention: Retention = {
  logsMs: 7 * dayMs,
  endedMs: 7 * dayMs,
  failedMs: 30 * dayMs,
};

/**
 * Deletes old data now and every hour, until the returned function is called. A failure is
 * reported, and the deletion is tried again an hour later.
 */
export function startHousekeeping(options: HousekeepingOptions): () => void {
  const stopped = new AbortController();
  let cancelNext: () => void;
  const round = (): void => {
    cancelNext = options.clock.after(hourMs, round);
    void deleteOldData(options, stopped.signal);
  };
  round();
  return () => {
    cancelNext();
    stopped.abort();
  };
}

/**
 * Does one round: deletes old log lines, old invocations and unused extracted artifacts. When the
 * runtime stops, it closes the stores while a round may be running, so the errors of a stopped
 * round are not reported; the next start deletes the rest.
 */
async function deleteOldData(
  { clock, store, logStore, logs, extractDirectory, functions, ...rest }: HousekeepingOptions,
  stopped: AbortSignal,
): Promise<void> {
  const nowMs = clock.nowMs();
  const retention = { ...defaultRetention, ...rest.retention };
  const steps: readonly (() => Promise<unknown>)[] = [
    () => logStore.prune({ beforeMs: nowMs - retention.logsMs, maxLines: maxLogLines }),
    () =>
      store.purge({
        finishedBeforeMs: nowMs - retention.endedMs,
        states: ['succeeded', 'cancelled'],
      }),
    () => store.purge({ finishedBeforeMs: nowMs - retention.failedMs, states: ['failed'] }),
    () => sweepExtracted(extractDirectory, directoriesOf(functions()), nowMs),
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

function directoriesOf(
  functions: readonly Pick<LoadedFunction, 'runnable'>[],
): ReadonlySet<string> {
  return new Set(functions.map(({ runnable }) => path.basename(runnable.directory)));
}

/**
 * Touches the directories in use, and deletes those that no runtime has touched for hours. That
 * includes the leftovers of an interrupted extraction.
 */
async function sweepExtracted(
  directory: string,
  inUse: ReadonlySet<string>,
  nowMs: number,
): Promise<void> {
  for (const name of await readdir(directory)) {
    const entry = path.join(directory, name);
    if (inUse.has(name)) {
      await utimes(entry, nowMs / 1000, nowMs / 1000);
    } else if (nowMs - (await stat(entry)).mtimeMs > abandonedMs) {
      await rm(entry, { recursive: true, force: true });
    }
  }
}
