/**
 * Bounds how many calls run at once, of each function and of all together. A bounded number of
 * further calls wait for their turn, oldest first.
 */
export interface Limiter {
  /**
   * Resolves, when the call may run, with the function that frees its place; or with `undefined` if
   * too many calls are waiting already.
   */
  enter(name: string): Promise<(() => void) | undefined>;
  /** Resolves when nothing runs. */
  empty(): Promise<void>;
}

export interface LimiterOptions {
  /** The highest number of running calls of one function. */
  readonly running: number;
  /**
   * The highest number of running calls of all functions: each call has a process, which takes
   * memory. Default 64.
   */
  readonly total?: number;
  /** The highest number of waiting calls of one function. */
  readonly waiting: number;
}

/** The calls of one function. */
interface Gate {
  running: number;
  waiting: number;
}

interface WaitingCall {
  readonly gate: Gate;
  readonly admit: () => void;
}

export function createLimiter({ running, waiting, total = 64 }: LimiterOptions): Limiter {
  const gates = new Map<string, Gate>();
  const queue: WaitingCall[] = [];
  let runningInAll = 0;
  let emptyListeners: (() => void)[] = [];

  const isOpen = (gate: Gate): boolean => gate.running < running && runningInAll < total;

  const take = (gate: Gate): (() => void) => {
    gate.running += 1;
    runningInAll += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      gate.running -= 1;
      runningInAll -= 1;
      admitNext();
      if (runningInAll > 0) return;
      for (const listener of emptyListeners) listener();
      emptyListeners = [];
    };
  };

  const admitNext = (): void => {
    const index = queue.findIndex(({ gate }) => isOpen(gate));
    const [next] = index === -1 ? [] : queue.splice(index, 1);
    next?.admit();
  };

  return {
    empty: () =>
      new Promise((resolve) => (runningInAll === 0 ? resolve() : emptyListeners.push(resolve))),
    enter(name) {
      const gate = gates.get(name) ?? { running: 0, waiting: 0 };
      gates.set(name, gate);
      // A call that leaves admits the next waiting call that has room. So if this gate is
      // open, no call that could run is waiting, and none is overtaken.
      if (isOpen(gate)) return Promise.resolve(take(gate));
      if (gate.waiting >= waiting) return Promise.resolve(undefined);
      gate.waiting += 1;
      return new Promise((resolve) => {
        queue.push({
          gate,
          admit: () => {
            gate.waiting -= 1;
            resolve(take(gate));
          },
        });
      });
    },
  };
}
