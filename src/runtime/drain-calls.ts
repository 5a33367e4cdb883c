import type { Server } from 'node:http';
import type { CallPath } from './call-path.ts';
import { drainServer } from './http/server/drain.ts';
import type { Clock } from './platform/clock.ts';

/** The time in which calls that were cut off are answered or put back into the queue, ms. */
const cutOffGraceMs = 2_000;
/**
 * The longest wait before calls are cut off: 24 days, ms. Node's timers are 32-bit, and a timer
 * with a longer delay fires at once.
 */
const longestDrainMs = 2 ** 31 - 1 - cutOffGraceMs;

/** Takes no new calls, waits for the running ones, and cuts off those that run after `drainMs`. */
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
