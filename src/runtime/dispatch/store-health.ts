import type { Clock } from '../platform/clock.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import type { DispatcherEventListener } from './dispatcher-event.ts';
import { backOffMs, storeRetryMs } from './limits.ts';

/**
 * Whether the store answers: one that does not is left alone for a while, a longer one each time,
 * and that is told once, as is its return.
 */
export class StoreHealth {
  readonly #clock: Clock;
  readonly #emit: DispatcherEventListener;
  /** In a row. */
  #failures = 0;
  #retryAtMs = 0;

  constructor(clock: Clock, emit: DispatcherEventListener) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** It is not to be asked for new work now. */
  get isResting(): boolean {
    return this.#clock.monotonicMs() < this.#retryAtMs;
  }

  /** Something that was asked of it went wrong; errors of another kind than its absence are ours. */
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

  /** True when it had been away. */
  answered(): boolean {
    if (this.#failures === 0) return false;
    this.#failures = 0;
    this.#retryAtMs = 0;
    this.#emit({ kind: 'store-recovered' });
    return true;
  }
}
