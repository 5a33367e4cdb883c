import { existsSync } from 'node:fs';
import { threadId, workerData } from 'node:worker_threads';
import type { ThreadAnswer } from '../../../../src/runtime/sqlite/thread-protocol.ts';
import { serveBatches } from '../../../../src/runtime/sqlite/thread-server.ts';

/**
 * Answers "where" with the number of its thread, and ends at "die". Fails to open while the file
 * that its data names exists.
 */
serveBatches(() => {
  if (existsSync(String(workerData))) throw new Error('it is barred');
  return {
    run: (requests) =>
      requests.map(({ id, method }): ThreadAnswer => {
        if (method === 'die') process.exit(1);
        return { id, value: threadId };
      }),
    close: () => undefined,
  };
});
