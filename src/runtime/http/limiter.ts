/**
 * Bounds how many calls run at once, of each function and of all together. A bounded number of
 * others wait for their turn, oldest first.
 */
export interface Limiter {
  /**
   * Resolves with a function that gives the place back, or with `undefined` when too many wait
   * already.
   */
  enter(name: string): Promise<(() => void) | undefined>;
  /** Resolves when nothing runs. */
  empty(): Promise<void>;
}

export interface LimiterOptions {
  /** How many calls of one function run at once. */
  readonly running: number;
  /**
   * How many calls of all functions run at once: each has a process, and memory bounds those.
   * Default 64.
   */
  readonly total?: number;
  /** How many calls of one function wait. */
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
      for (const tell of emptyListeners) tell();
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
      // A call that leaves admits the next one that has room, so this overtakes no waiting call.
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
