/**
 * The metadata of a file is trusted to tell its bytes only when the file is older than this: clocks
 * of file systems tick, and two writes can share one tick.
 */
export const settledAfterMs = 2000;
