import { pause, type Clock } from '../platform/clock.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import { backOffMs, storeRetryMs } from './limits.ts';

export interface RecordOptions {
  readonly clock: Clock;
  /** An abort ends the tries after one more; the result is then `unrecorded`. */
  readonly giveUp: AbortSignal;
  readonly onUnavailable: (error: StoreUnavailableError) => void;
}

/**
 * Writes the end of a run. While the store is unavailable, the write is repeated, so that an outage
 * does not lose the outcome of finished work. `lost`: the run had lost its lease, so its outcome
 * does not count.
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
