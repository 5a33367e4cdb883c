import type { RunFailure } from '../worker.ts';

const freeFailures = 3;
const firstWaitMs = 250;
const longestWaitMs = 5000;

/**
 * Keeps a function that cannot start from starting over and over: from the third failed start in a
 * row on, runs are refused for 250 ms, 500 ms, … 5 s with the failure of the last start.
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

  /** The failure to answer with instead of a start, while it has to wait. */
  refusal(nowMs: number): RunFailure | undefined {
    if (this.#last === undefined || this.#failures < freeFailures || nowMs >= this.#untilMs) {
      return undefined;
    }
    const message = `${this.#last.message} (not started again yet: ${this.#failures} starts in a row have failed)`;
    return { ...this.#last, message };
  }
}
