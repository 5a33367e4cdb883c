import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import {
  openSqliteStore,
  type SqliteStoreOptions,
} from '../../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../../../src/runtime/queue/store.ts';

/** The file of the running test, and the stores and processes that use it. */
export interface QueueFileRig {
  readonly directory: string;
  /** The path of the store's file, which does not exist yet. */
  readonly file: string;
  /** Opens a store that is closed when the test ends. */
  readonly open: (options?: Partial<SqliteStoreOptions>) => Promise<Store>;
  /** Kills the process when the test ends, if the process is still alive. */
  readonly killAtEnd: <Child extends ChildProcess>(child: Child) => Child;
}

/**
 * Creates a directory before each test of the calling file, and cleans up after each test:
 * processes, stores, the directory.
 */
export function queueFileRig(): QueueFileRig {
  let directory: string;
  const children: ChildProcess[] = [];
  const stores: Store[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'bgfn-faults-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await rm(directory, { recursive: true });
  });

  const rig: QueueFileRig = {
    get directory() {
      return directory;
    },
    get file() {
      return path.join(directory, 'queue.db');
    },
    open: async (options = {}) => {
      const store = await openSqliteStore({ file: rig.file, ...options });
      stores.push(store);
      return store;
    },
    killAtEnd: (child) => {
      children.push(child);
      return child;
    },
  };
  return rig;
}
