/** Time, injected wherever it decides something, so that tests need not wait. */
export interface Clock {
  /** Wall clock, ms since the epoch: what is stored and shown. It can jump. */
  nowMs(): number;
  /** Never jumps and has no fixed origin: for measuring how long something took, ms. */
  monotonicMs(): number;
  /** Calls back once, not before `delayMs` have passed; the function returned cancels the timer. */
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

/** Resolves after `delayMs` by `clock` (at once when that is 0), or as soon as `signal` aborts. */
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
