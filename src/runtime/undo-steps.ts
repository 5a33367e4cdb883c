/**
 * What has to be undone when a start fails half way, or at the end. (`AsyncDisposableStack` is not
 * in Node 22.)
 */
export interface Cleanup {
  defer(undo: () => unknown): void;
  /**
   * Undoes everything, the last first; each once, all of them even when one fails. Rejects with the
   * first error.
   */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const undos: (() => unknown)[] = [];
  return {
    defer(undo) {
      undos.push(undo);
    },
    async run() {
      const errors: unknown[] = [];
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
        try {
          await undo();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
