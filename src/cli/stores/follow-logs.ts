import { setTimeout as delay } from 'node:timers/promises';
import type { LogFilter, LogLine, LogStore } from '../../runtime/logs/log-store.ts';

/**
 * How often a follower looks for new lines. It has to look, because the process that writes them is
 * another one.
 */
const pollIntervalMs = 200;

export interface FollowOptions {
  readonly filter: LogFilter;
  readonly signal: AbortSignal;
  readonly onLine: (line: LogLine) => void;
  /** Asked after each look; after true there is one more look, and following ends. */
  readonly isDone?: () => Promise<boolean>;
  /** Waits between two looks; tests give their own. */
  readonly pause?: (signal: AbortSignal) => Promise<void>;
}

/** Shows lines as they arrive until `isDone` or `signal` says to stop. */
export async function followLogs(logs: LogStore, options: FollowOptions): Promise<void> {
  const pause = options.pause ?? defaultPause;
  let filter = options.filter;
  let done = false;
  for (;;) {
    const lines = await logs.read(filter);
    for (const line of lines) options.onLine(line);
    // The limit is for the lines that were there at the start; all that follow are shown.
    filter = {
      ...options.filter,
      limit: undefined,
      afterSequence: lines.at(-1)?.sequence ?? filter.afterSequence,
    };
    if (done || options.signal.aborted) return;
    // The end may be recorded a moment before the last lines can be read, so there is one more look.
    done = options.isDone !== undefined && (await options.isDone());
    await pause(options.signal);
  }
}

async function defaultPause(signal: AbortSignal): Promise<void> {
  await delay(pollIntervalMs, undefined, { signal }).catch(() => undefined);
}
