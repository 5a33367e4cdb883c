/** Time as the workers see it, injected, so that tests need not wait. */
export interface WorkerClock {
  /** Wall clock, ms since the epoch: what is stored and shown. It can jump. */
  nowMs(): number;
  /** Calls back once, not before `ms` have passed; the function returned calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: WorkerClock = {
  nowMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
