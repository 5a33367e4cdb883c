/**
 * Lets a bounded number of calls run at once, of each function and of all together; a bounded
 * number wait their turn, oldest first.
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
  /** Running at once, of one function. */
  readonly running: number;
  /**
   * Running at once, of all functions: each has a process, and their memory is what bounds it.
   * Default 64.
   */
  readonly total?: number;
  /** Waiting, of one function. */
  readonly waiting: number;
}

interface Gate {
  running: number;
  waiting: number;
}

interface Waiting {
  readonly gate: Gate;
  readonly admit: () => void;
}

export function createLimiter({ running, waiting, total = 64 }: LimiterOptions): Limiter {
  const gates = new Map<string, Gate>();
  const queue: Waiting[] = [];
  let all = 0;
  let onEmpty: (() => void)[] = [];

  const isOpen = (gate: Gate): boolean => gate.running < running && all < total;

  const take = (gate: Gate): (() => void) => {
    gate.running += 1;
    all += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      gate.running -= 1;
      all -= 1;
      admitNext();
      if (all > 0) return;
      for (const tell of onEmpty) tell();
      onEmpty = [];
    };
  };

  const admitNext = (): void => {
    const index = queue.findIndex(({ gate }) => isOpen(gate));
    const [next] = index === -1 ? [] : queue.splice(index, 1);
    next?.admit();
  };

  return {
    empty: () => new Promise((resolve) => (all === 0 ? resolve() : onEmpty.push(resolve))),
    enter(name) {
      const gate = gates.get(name) ?? { running: 0, waiting: 0 };
      gates.set(name, gate);
      // Whoever waits while there is room for him is admitted by the one that leaves, so nobody is overtaken here.
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
