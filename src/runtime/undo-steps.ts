/**
 * Undo steps of what has been started, run in reverse order. (`AsyncDisposableStack` is not in Node
 * 22.)
 */
export interface UndoSteps {
  add(step: () => unknown): void;
  /** Runs every step once, the last added first, even when one fails. Rejects with the first error. */
  run(): Promise<void>;
}

export function createUndoSteps(): UndoSteps {
  const steps: (() => unknown)[] = [];
  return {
    add(step) {
      steps.push(step);
    },
    async run() {
      const errors: unknown[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
