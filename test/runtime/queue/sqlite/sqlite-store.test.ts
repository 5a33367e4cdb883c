import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqliteStore } from '../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../../src/runtime/queue/store.ts';
import { storeSuite } from '../suite/store.suite.ts';

for (const [title, options] of [
  ['The SQLite store', {}],
  ['The SQLite store under a flood', { floodGroup: 1 }],
] as const) {
  storeSuite(title, async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-store-'));
    const file = path.join(directory, 'queue.db');
    const stores: Store[] = [await openSqliteStore({ file, ...options })];
    return {
      store: stores[0]!,
      async openAnother() {
        const another = await openSqliteStore({ file, ...options });
        stores.push(another);
        return another;
      },
      async dispose() {
        await Promise.all(stores.map((store) => store.close()));
        await rm(directory, { recursive: true });
      },
    };
  });
}
