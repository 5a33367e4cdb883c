import type { Clock } from '../platform/clock.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import type { DispatcherEventListener } from './dispatcher-event.ts';
import { backOffMs, storeRetryMs } from './limits.ts';

/**
 * Keeps track of whether the store answers. After a failure the store is not asked for a while,
 * longer after each failure in a row. The first failure is reported once, and so is the recovery.
 */
export class StoreHealth {
  readonly #clock: Clock;
  readonly #emit: DispatcherEventListener;
  /** The number of failures in a row. */
  #failures = 0;
  #retryAtMs = 0;

  constructor(clock: Clock, emit: DispatcherEventListener) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Whether the store must not be asked for new work at the moment. */
  get isResting(): boolean {
    return this.#clock.monotonicMs() < this.#retryAtMs;
  }

  /** Records a failed request. An error other than `StoreUnavailableError` is a bug of ours. */
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

  /** Records an answer. Returns true if the store was unavailable before. */
  answered(): boolean {
    if (this.#failures === 0) return false;
    this.#failures = 0;
    this.#retryAtMs = 0;
    this.#emit({ kind: 'store-recovered' });
    return true;
  }
}
