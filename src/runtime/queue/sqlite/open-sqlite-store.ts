import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../../diagnostic/system-error.ts';
import { assumeType } from '../../platform/assume-type.ts';
import { startDatabaseThread, type DatabaseThread } from '../../sqlite/database-thread.ts';
import { MediumUnavailableError } from '../../sqlite/thread-protocol.ts';
import { StoreUnavailableError, type Store } from '../store.ts';
import { acceptedOf, groupCalls } from './call-group.ts';
import type { PurgeStep } from './changes.ts';
import type { StoreThreadOptions, ThreadMethod } from './store-thread.ts';

/*
 * The files of this folder:
 *
 *   open-sqlite-store.ts   the `Store` in the main thread, which asks the store's thread
 *   call-group.ts          the encoding of calls in one buffer, for the thread and the inbox
 *   store-thread.ts        the program of the thread: its methods and the durability of each
 *   format.ts              the tables, and the migrations of older files
 *   rows.ts                rows of the tables to invocations, and back
 *   inserts.ts             new invocations: as rows at once, or as groups in the inbox
 *   inbox.ts               the groups that are not unpacked into rows yet
 *   claims.ts              queued to running
 *   changes.ts             heartbeats, ends of runs, rescues, cancels, replays, purges
 *   owners.ts              the processes that claim
 *   reads.ts               the queries of the queue
 */

export interface SqliteStoreOptions {
  /**
   * The file, created with its directories if it is missing. It must be on a local disk, because
   * SQLite's locks do not work on network file systems.
   */
  readonly file: string;
  /**
   * The highest number of pages (4 KiB) of the file, beyond which accepts are refused as on a full
   * disk. Default: SQLite's own limit.
   */
  readonly maxPages?: number | undefined;
  /**
   * How long to wait for another process's transaction, ms. Default 5000; transactions here take
   * milliseconds.
   */
  readonly busyTimeoutMs?: number | undefined;
  /** Groups of at least this many calls go into the inbox (inbox.ts). Default 8. */
  readonly floodGroup?: number | undefined;
  /**
   * The time without a request, ms, after which the store does its upkeep: it unpacks the inbox and
   * writes the write-ahead log back. Default 250.
   */
  readonly idleAfterMs?: number | undefined;
}

/**
 * Opens the embedded store: one SQLite file, accessed by a separate thread. Accepts, claims and
 * records that arrive together share one transaction and one wait for the disk. Several processes
 * may have the same file open.
 *
 * @throws {BgfnError} `STORE_CORRUPT`, `STORE_FOREIGN`, `STORE_NEWER` or `STORE_UNAVAILABLE`; the
 *   file is then left as it is.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const threadOptions: StoreThreadOptions = { ...options, file: path.resolve(options.file) };
  makeDirectoryOf(threadOptions.file);
  return storeIn(await startDatabaseThread(import.meta.url, 'store-thread', threadOptions));
}

function makeDirectoryOf(file: string): void {
  const directory = path.dirname(file);
  try {
    // Only the user who runs the functions may read the payloads.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new BgfnError(
      'STORE_UNAVAILABLE',
      `The directory ${directory} for the queue store cannot be made: ${messageOf(error)}.`,
      {
        kind: 'config',
        hint: 'Give another path, or make the directory writable for this user.',
        cause: error,
      },
    );
  }
}

function storeIn(thread: DatabaseThread): Store {
  // The thread implements every method of `ThreadMethod`. The answers get their types here.
  const ask = async (
    method: ThreadMethod,
    args: readonly unknown[],
    transfer?: readonly ArrayBuffer[],
  ) => {
    try {
      return assumeType<never>(await thread.call(method, args, transfer));
    } catch (error) {
      throw error instanceof MediumUnavailableError
        ? new StoreUnavailableError(error.message)
        : error;
    }
  };
  return {
    async accept(calls, nowMs) {
      const groups = groupCalls(calls);
      const transfer = groups.map(({ bytes }) => bytes.buffer);
      return acceptedOf(calls, await ask('accept', [groups, nowMs], transfer));
    },
    claim: (...args) => ask('claim', args),
    heartbeat: (...args) => ask('heartbeat', args),
    succeed: (...args) => ask('succeed', args),
    fail: (...args) => ask('fail', args),
    release: (...args) => ask('release', args),
    rescue: (...args) => ask('rescue', args),
    registerOwner: (...args) => ask('registerOwner', args),
    owners: (...args) => ask('owners', args),
    removeOwners: (...args) => ask('removeOwners', args),
    cancel: (...args) => ask('cancel', args),
    replay: (...args) => ask('replay', args),
    async purge(filter) {
      for (let total = 0; ;) {
        const step: PurgeStep = await ask('purge', [filter]);
        total += step.deleted;
        if (!step.isFull) return total;
      }
    },
    get: (...args) => ask('get', args),
    payload: (...args) => ask('payload', args),
    list: (...args) => ask('list', args),
    stats: (...args) => ask('stats', args),
    nextAvailableAtMs: (...args) => ask('nextAvailableAtMs', args),
    probe: (...args) => ask('probe', args),
    close: () => thread.close(),
  };
}
