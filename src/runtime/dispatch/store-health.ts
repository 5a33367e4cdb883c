import type { Clock } from '../platform/clock.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import type { DispatcherEventListener } from './dispatcher-event.ts';
import { backOffMs, storeRetryMs } from './limits.ts';

/**
 * Keeps track of whether the store answers. One that does not is left alone for a while, longer
 * each time. Its failure is reported once, and so is its return.
 */
export class StoreHealth {
  readonly #clock: Clock;
  readonly #emit: DispatcherEventListener;
  /** How many in a row. */
  #failures = 0;
  #retryAtMs = 0;

  constructor(clock: Clock, emit: DispatcherEventListener) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Whether the store should not be asked for new work now. */
  get isResting(): boolean {
    return this.#clock.monotonicMs() < this.#retryAtMs;
  }

  /** A request to the store failed. An error that does not mean its absence is a bug of ours. */
  failed(error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) {
      this.#emit({ kind: 'internal-error', error });
      return;
    }
    this.#failures += 1;
    this.#retryAtMs =
      this.#clock.monotonicMs() +
      backOffMs(this.#failures, storeRetryMs.first, storeRetryMs.longest);
    if (this.#failures === 1) {
      this.#emit({ kind: 'store-unavailable', message: error.message });
    }
  }

  /** The store answered. True when it had been away. */
  answered(): boolean {
    if (this.#failures === 0) return false;
    this.#failures = 0;
    this.#retryAtMs = 0;
    this.#emit({ kind: 'store-recovered' });
    return true;
  }
}
