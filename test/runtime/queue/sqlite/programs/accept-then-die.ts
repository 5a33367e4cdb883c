import process from 'node:process';
import { openSqliteStore } from '../../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';

/**
 * Accepts 50 concurrent calls and kills itself with SIGKILL at the moment the last call is
 * answered.
 */
const store = await openSqliteStore({ file: process.argv[2] ?? '' });
const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };
await Promise.all(
  Array.from({ length: 50 }, (_, index) =>
    store.accept(
      [
        {
          kind: 'call',
          id: `i${index}`,
          functionName: 'send',
          payload: new Uint8Array(1000),
          retry,
        },
      ],
      Date.now(),
    ),
  ),
);
process.kill(process.pid, 'SIGKILL');
