import type { Server } from 'node:http';
import type { CallPath } from './call-path.ts';
import { drainServer } from './http/server/drain.ts';
import type { Clock } from './platform/clock.ts';

/** For calls that were cut off: to be answered, and put back into the queue. */
const cutOffGraceMs = 2_000;
/**
 * The longest wait before the cut: 24 days. Timers of Node are 32-bit, and one that is set further
 * ahead rings at once.
 */
const longestDrainMs = 2 ** 31 - 1 - cutOffGraceMs;

/** Takes no new calls, waits for those that run, and cuts off what still runs after `drainMs`. */
export async function drainCalls(
  server: Server,
  { dispatcher, syncCallsEnded, cutOffSyncCalls }: CallPath,
  clock: Clock,
  drainMs: number,
): Promise<void> {
  const graceMs = Math.min(drainMs, longestDrainMs);
  const forced = new AbortController();
  const cancelTimers = [
    clock.after(graceMs, cutOffSyncCalls),
    clock.after(graceMs + cutOffGraceMs, () => forced.abort()),
  ];
  await Promise.all([
    drainServer(server, forced.signal).then(syncCallsEnded),
    dispatcher.drain(graceMs),
  ]);
  for (const cancel of cancelTimers) cancel();
}
