/** Lets a bounded number of calls of each function run at once; a bounded number wait their turn, oldest first. */
export interface Limiter {
  /** Resolves with a function that gives the place back, or with `undefined` when too many wait already. */
  enter(name: string): Promise<(() => void) | undefined>;
}

export interface LimiterOptions {
  /** Running at once, of one function. */
  readonly running: number;
  /** Waiting, of one function. */
  readonly waiting: number;
}

interface Gate {
  running: number;
  readonly waiting: (() => void)[];
}

export function createLimiter(options: LimiterOptions): Limiter {
  const gates = new Map<string, Gate>();

  const leave = (gate: Gate): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = gate.waiting.shift();
      // The place goes straight to the next one, so `running` stays.
      if (next === undefined) gate.running -= 1;
      else next();
    };
  };

  return {
    enter(name) {
      const gate = gates.get(name) ?? { running: 0, waiting: [] };
      gates.set(name, gate);
      if (gate.running < options.running) {
        gate.running += 1;
        return Promise.resolve(leave(gate));
      }
      if (gate.waiting.length >= options.waiting) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        gate.waiting.push(() => resolve(leave(gate)));
      });
    },
  };
}
