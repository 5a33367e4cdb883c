/** Time as the workers see it, so that tests need not wait. */
export interface WorkerClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms`; the function returned calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: WorkerClock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
