import { setTimeout as delay } from 'node:timers/promises';
import type { LogFilter, LogLine, LogStore } from '../../runtime/logs/log-store.ts';

/**
 * Interval at which a follower polls for new lines. Another process writes the lines, so there is
 * no event to wait for.
 */
const pollIntervalMs = 200;

export interface FollowOptions {
  readonly filter: LogFilter;
  readonly signal: AbortSignal;
  readonly onLine: (line: LogLine) => void;
  /**
   * Called after each read. When it resolves to true, the lines are read once more, and following
   * ends.
   */
  readonly isDone?: () => Promise<boolean>;
  /** Waits between two reads; tests pass their own. */
  readonly pause?: (signal: AbortSignal) => Promise<void>;
}

/** Passes on lines as they arrive until `isDone` resolves to true or `signal` is aborted. */
export async function followLogs(logs: LogStore, options: FollowOptions): Promise<void> {
  const pause = options.pause ?? defaultPause;
  let filter = options.filter;
  let done = false;
  for (;;) {
    const lines = await logs.read(filter);
    for (const line of lines) options.onLine(line);
    // The limit applies to the lines that exist at the start; all later lines are shown.
    filter = {
      ...options.filter,
      limit: undefined,
      afterSequence: lines.at(-1)?.sequence ?? filter.afterSequence,
    };
    if (done || options.signal.aborted) return;
    // The end may be recorded shortly before the last lines become readable: one more read follows.
    done = options.isDone !== undefined && (await options.isDone());
    await pause(options.signal);
  }
}

async function defaultPause(signal: AbortSignal): Promise<void> {
  await delay(pollIntervalMs, undefined, { signal }).catch(() => undefined);
}
