import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../../diagnostic/system-error.ts';
import { trusted } from '../../platform/assume-type.ts';
import { startDatabaseThread } from '../../sqlite/database-thread.ts';
import { MediumUnavailableError } from '../../sqlite/thread-protocol.ts';
import { StoreUnavailableError, type Store } from '../store.ts';
import { acceptedOf, packCalls } from './call-group.ts';
import { purgeStep } from './purge-step.ts';
import type { StoreThreadData, ThreadMethod } from './store-thread.ts';

export interface SqliteStoreOptions {
  /**
   * Created with its directories when missing. On a local disk: SQLite's locks do not hold on
   * network file systems.
   */
  readonly file: string;
  /**
   * The most pages (4 KiB) that the file may have: then accepts are refused as on a full disk.
   * Default: SQLite's own limit.
   */
  readonly maxPages?: number;
  /**
   * How long to wait for another process's transaction, ms. Default 5000; transactions here take
   * milliseconds.
   */
  readonly busyTimeoutMs?: number;
  /** Groups of at least this many calls are kept as a group at first (inbox.ts). Default 8. */
  readonly floodGroup?: number;
  /**
   * After this long without a request the store does its upkeep, ms: it makes rows of such groups,
   * and writes back the log. Default 250.
   */
  readonly idleAfterMs?: number;
}

/**
 * The embedded store: one SQLite file, in a thread of its own. Accepts, claims and records that
 * come in together share one transaction and one wait for the disk. Several processes may have the
 * same file open.
 *
 * @throws BgfnError `STORE_CORRUPT`, `STORE_FOREIGN`, `STORE_NEWER` or `STORE_UNAVAILABLE`; the
 *   file is then left as it is.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const file = path.resolve(options.file);
  try {
    // Payloads are for the eyes of whoever runs the functions.
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new BgfnError(
      'STORE_UNAVAILABLE',
      `The directory ${path.dirname(file)} for the queue store cannot be made: ${messageOf(error)}.`,
      {
        kind: 'config',
        hint: 'Give another path, or make the directory writable for this user.',
        cause: error,
      },
    );
  }
  const data: StoreThreadData = { ...options, file };
  const thread = await startDatabaseThread(import.meta.url, 'store-thread', data);
  // The thread implements every one of these methods, and checks the name; this is the one place where its answers get their types.
  const ask = async (
    method: ThreadMethod,
    args: readonly unknown[],
    transfer?: readonly ArrayBuffer[],
  ) => {
    try {
      return trusted<never>(await thread.call(method, args, transfer));
    } catch (error) {
      throw error instanceof MediumUnavailableError
        ? new StoreUnavailableError(error.message)
        : error;
    }
  };
  return {
    accept: async (calls, nowMs) => {
      const packs = packCalls(calls);
      return acceptedOf(
        calls,
        await ask(
          'accept',
          [packs, nowMs],
          packs.map(({ group }) => group.buffer),
        ),
      );
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
        const deleted: number = await ask('purge', [filter]);
        total += deleted;
        if (deleted < purgeStep) return total;
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
