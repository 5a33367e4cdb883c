import { expect, test } from 'vitest';
import { startHousekeeping } from '../../src/runtime/housekeeping.ts';
import { ManualClock } from './support/manual-clock.ts';

test('a runtime that stops during housekeeping deletes nothing more and reports no error', async () => {
  const pruning = Promise.withResolvers<never>();
  const done: string[] = [];
  const stop = startHousekeeping({
    logStore: { prune: () => pruning.promise },
    store: { purge: (filter) => Promise.resolve(done.push(`purged ${String(filter.states)}`)) },
    logs: { platform: ({ text }) => done.push(text) },
    extractDirectory: 'nowhere',
    functions: () => [],
    clock: new ManualClock(),
  });
  stop();
  pruning.reject(new Error('The database is closed.'));
  // The promise was rejected before, so all of its callbacks have run by the end of this wait.
  await pruning.promise.catch(() => undefined).then(() => undefined);
  expect(done).toEqual([]);
});
