import { pause, type Clock } from '../platform/clock.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import { backOffMs, storeRetryMs } from './limits.ts';

export interface RecordOptions {
  readonly clock: Clock;
  /** Stops trying; the answer is then `unrecorded`. */
  readonly giveUp: AbortSignal;
  readonly onUnavailable: (error: StoreUnavailableError) => void;
}

/**
 * Writes the end of a run, again and again while the store is away, so that an outage does not lose
 * the outcome of work that is done. `lost`: its lease is gone, so the outcome is of no account.
 */
export async function recordEnd(
  write: () => Promise<boolean>,
  options: RecordOptions,
): Promise<'recorded' | 'lost' | 'unrecorded'> {
  for (let failures = 1; ; failures += 1) {
    try {
      return (await write()) ? 'recorded' : 'lost';
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        throw error;
      }
      options.onUnavailable(error);
    }
    if (options.giveUp.aborted) {
      return 'unrecorded';
    }
    await pause(
      options.clock,
      backOffMs(failures, storeRetryMs.first, storeRetryMs.longest),
      options.giveUp,
    );
  }
}
