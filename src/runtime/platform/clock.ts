import { systemClock as workerClock, type WorkerClock } from '../worker/clock.ts';

/** The workers' clock, and one to measure with. */
export interface Clock extends WorkerClock {
  /** Never jumps, means nothing by itself: for measuring how long something took. ms. */
  monotonicMs(): number;
}

export const systemClock: Clock = { ...workerClock, monotonicMs: () => performance.now() };

/** Resolves after `delayMs` by `clock` (at once when that is 0), or as soon as `signal` aborts. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (delayMs <= 0 || signal?.aborted === true) {
      resolve();
      return;
    }
    const wakeUp = () => {
      callOff();
      signal?.removeEventListener('abort', wakeUp);
      resolve();
    };
    const callOff = clock.after(delayMs, wakeUp);
    signal?.addEventListener('abort', wakeUp, { once: true });
  });
}
