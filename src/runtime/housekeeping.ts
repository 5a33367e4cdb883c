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
 * A runtime touches the directories it uses every hour. One that has not been touched for this long
 * is used by none.
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
  /** What is not given has its default. */
  readonly retention?: Partial<Retention> | undefined;
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
 * Deletes old data now and every hour; the function returned ends that. What cannot be deleted is
 * reported and tried again an hour later.
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
 * One round: old log lines, old invocations, extracted artifacts that nobody uses. A runtime that
 * stops closes the stores under it, so a round that is cut off says nothing; the next start goes
 * on.
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
 * Touches the directories in use, and deletes those that no runtime has touched for hours.
 * Left-overs of an extraction that was cut off are among them.
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
