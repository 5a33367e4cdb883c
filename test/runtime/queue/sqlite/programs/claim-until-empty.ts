import process from 'node:process';
import { openSqliteStore } from '../../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';

/** Waits for a line on stdin, claims all invocations, a few at a time, and prints the ids as JSON. */
const store = await openSqliteStore({ file: process.argv[2] ?? '' });
console.log('ready');
process.stdin.once('data', () => void claimAll());

async function claimAll(): Promise<void> {
  const ids: string[] = [];
  for (;;) {
    const claimed = await store.claim({
      owner: `p${process.pid}`,
      free: { send: 3 },
      limit: 3,
      nowMs: Date.now(),
      leaseMs: 30_000,
    });
    if (claimed.length === 0) {
      break;
    }
    for (const { invocation } of claimed) {
      ids.push(invocation.id);
      await store.succeed({ id: invocation.id, token: invocation.lease.token }, Date.now());
    }
  }
  console.log(JSON.stringify(ids));
  await store.close();
  process.exit(0);
}
