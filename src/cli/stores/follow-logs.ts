import { setTimeout as delay } from 'node:timers/promises';
import type { LogFilter, LogLine, LogStore } from '../../runtime/logs/log-store.ts';

/**
 * How often a follower looks for new lines. The store is shared between processes, so there is
 * nobody to wake us.
 */
const pollIntervalMs = 200;

export interface FollowOptions {
  readonly filter: LogFilter;
  readonly signal: AbortSignal;
  readonly onLine: (line: LogLine) => void;
  /** Asked before each look; when it says true, what is there is shown and following ends. */
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
    const last = lines.at(-1);
    // From here on every line counts, not the last `limit` ones.
    const { limit: _limit, ...rest } = filter;
    filter = { ...rest, ...(last === undefined ? {} : { afterSequence: last.sequence }) };
    if (done || options.signal.aborted) return;
    // The end may be recorded a moment before the last lines can be read: pause once more, then take what came.
    done = options.isDone !== undefined && (await options.isDone());
    await pause(options.signal);
  }
}

async function defaultPause(signal: AbortSignal): Promise<void> {
  await delay(pollIntervalMs, undefined, { signal }).catch(() => undefined);
}
