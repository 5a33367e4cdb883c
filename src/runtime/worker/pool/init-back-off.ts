import type { RunFailure } from '../worker.ts';

const freeFailures = 3;
const firstWaitMs = 250;
const longestWaitMs = 5000;

/**
 * Limits how often a function that cannot start is started. After the third failed start in a row,
 * runs are refused for 250 ms, then 500 ms, … 5 s, with the failure of the last start.
 */
export class InitBackOff {
  #failures = 0;
  #untilMs = 0;
  #last: RunFailure | undefined;

  failed(failure: RunFailure, nowMs: number): void {
    this.#failures += 1;
    this.#last = failure;
    if (this.#failures >= freeFailures) {
      this.#untilMs =
        nowMs + Math.min(longestWaitMs, firstWaitMs * 2 ** (this.#failures - freeFailures));
    }
  }

  succeeded(): void {
    this.#failures = 0;
    this.#last = undefined;
  }

  /**
   * Returns the failure of a run that may not start a worker yet, or `undefined` if the run may
   * start a worker.
   */
  refusal(nowMs: number): RunFailure | undefined {
    if (this.#last === undefined || this.#failures < freeFailures || nowMs >= this.#untilMs) {
      return undefined;
    }
    const note = `not started again yet: ${this.#failures} starts in a row have failed`;
    return { ...this.#last, message: `${this.#last.message} (${note})` };
  }
}
