/**
 * How long a claim holds without a sign of life, ms. Long enough for a stalled disk or a long
 * garbage collection, short against the first retry delay (60 s).
 */
export const leaseMs = 30_000;

/**
 * How often the leases are asked about, ms. A cancel from another process is seen within this time.
 * The store writes a heartbeat only when a third of the lease is used up, that is every 10 s: two
 * may go amiss before the third comes too late.
 */
export const leaseCheckMs = 1000;

/**
 * How often expired leases and dead owners are looked for, ms: a lost run is seen at most 10 s
 * after its lease expired.
 */
export const rescueEveryMs = 10_000;

/**
 * The longest sleep of the dispatcher, ms: what another process put into the store is claimed
 * within this time.
 */
export const pollMs = 1000;

/**
 * A wall clock that ran ahead of the monotonic one by more than this between two looks has jumped,
 * ms.
 */
export const clockJumpMs = 5000;

/** Waits between tries while the store cannot be reached, ms: the first, and the longest. */
export const storeRetryMs = { first: 100, longest: 5000 } as const;

/**
 * Waits between tries to start a worker while the machine has no room for one, ms: the first, and
 * the longest.
 */
export const startRetryMs = { first: 500, longest: 10_000 } as const;

/**
 * From this many crashes in a row on, a function's next run waits: the first wait, doubled each
 * time, up to the longest. ms.
 */
export const crashBackOff = { freeCrashes: 3, firstMs: 500, longestMs: 30_000 } as const;

/**
 * How long the end of a drain tries to release what it cut off, ms. What it cannot release is
 * rescued by the next process.
 */
export const releaseGraceMs = 5000;

/** Exponential back-off: `first`, 2 × `first`, … `longest`. `failures` counts from 1. */
export function backOffMs(failures: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}
