/**
 * The source of time. It is injected wherever time influences behaviour, so that tests need not
 * wait.
 */
export interface Clock {
  /**
   * Returns the wall clock time in ms since the epoch, for times that are stored or shown. The wall
   * clock can jump.
   */
  nowMs(): number;
  /**
   * Returns the time of a clock that never jumps, in ms from an arbitrary origin, for measuring
   * durations.
   */
  monotonicMs(): number;
  /**
   * Calls `callback` once, not before `delayMs` have passed. The returned function cancels the
   * timer.
   */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Resolves after `delayMs` by `clock` (at once if `delayMs` is 0), or as soon as `signal` is
 * aborted.
 */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (delayMs <= 0 || signal?.aborted === true) {
      resolve();
      return;
    }
    const wakeUp = () => {
      cancelTimer();
      signal?.removeEventListener('abort', wakeUp);
      resolve();
    };
    const cancelTimer = clock.after(delayMs, wakeUp);
    signal?.addEventListener('abort', wakeUp, { once: true });
  });
}
