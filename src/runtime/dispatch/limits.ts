/**
 * How long a lease is valid without a heartbeat, ms. Long enough for a stalled disk or a long
 * garbage collection, short compared with the first retry delay (60 s).
 */
export const leaseMs = 30_000;

/**
 * How often the leases are checked, ms: a cancel by another process is noticed within this time.
 * The store writes a heartbeat only when a third of the lease has passed, that is every 10 s, so a
 * lease survives two failed heartbeats.
 */
export const leaseCheckMs = 1000;

/**
 * How often the dispatcher looks for expired leases and dead owners, ms: a lost run is noticed at
 * most 10 s after its lease expired.
 */
export const rescueEveryMs = 10_000;

/**
 * The longest sleep of the dispatcher, ms: an invocation that another process put into the store is
 * claimed within this time.
 */
export const pollMs = 1000;

/**
 * The smallest jump of the wall clock, ms: how far it has to get ahead of the monotonic clock
 * between two comparisons.
 */
export const clockJumpMs = 5000;

/** The waits between tries while the store is unavailable, ms: the first and the longest. */
export const storeRetryMs = { first: 100, longest: 5000 } as const;

/**
 * The waits between tries to start a worker while the machine has no room for it, ms: the first and
 * the longest.
 */
export const startRetryMs = { first: 500, longest: 10_000 } as const;

/**
 * From `freeCrashes` crashes in a row on, the next run of a function is delayed: by `firstMs`, then
 * twice as long each time, up to `longestMs`.
 */
export const crashBackOff = { freeCrashes: 3, firstMs: 500, longestMs: 30_000 } as const;

/**
 * How long the end of a drain tries to release the invocations that it cut off, ms. The next
 * process rescues those that could not be released.
 */
export const releaseGraceMs = 5000;

/** Exponential back-off: `first`, 2 × `first`, … `longest`. `failures` counts from 1. */
export function backOffMs(failures: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}
