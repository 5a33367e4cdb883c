/** The steps that undo a start, run in reverse order. (Node 22 has no `AsyncDisposableStack`.) */
export interface UndoSteps {
  add(step: () => unknown): void;
  /** Runs every step once, the last added first, even if a step fails. Rejects with the first error. */
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
