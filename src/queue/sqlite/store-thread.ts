import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { corrupt, openDatabase, rollback } from '../../sqlite/open-database.ts';
import { classifySqliteError } from '../../sqlite/sqlite-error.ts';
import { encodeError, MediumUnavailableError } from '../../sqlite/thread-protocol.ts';
import type { ThreadAnswer, ThreadRequest } from '../../sqlite/thread-protocol.ts';
import { trusted } from '../../sqlite/trusted.ts';
import { serveBatches } from '../../sqlite/thread-server.ts';
import type { BatchHandler } from '../../sqlite/thread-server.ts';
import { queueFormat } from './format.ts';
import { QueueReads } from './reads.ts';
import { QueueWrites } from './writes.ts';

/** What `openSqliteStore` hands to this program. */
export interface StoreThreadData {
  readonly file: string;
  /** Of the database, at most; for tests of a full disk. */
  readonly maxPages?: number;
}

/**
 * How a method must be committed. `durable`: on the disk before it is answered. `soft`: a power cut may take it back, a crash of the process not.
 * Nothing is lost with a claim or a heartbeat that is taken back: the invocation is queued still, or its lease a little older.
 * `read`: needs no transaction.
 */
const methodKinds: Readonly<Record<string, 'durable' | 'soft' | 'read'>> = {
  accept: 'durable', succeed: 'durable', fail: 'durable', release: 'durable', rescue: 'durable', cancel: 'durable', replay: 'durable', purge: 'durable',
  claim: 'soft', heartbeat: 'soft', registerOwner: 'soft', removeOwners: 'soft',
  get: 'read', list: 'read', stats: 'read', nextAvailableAtMs: 'read', owners: 'read',
};

/** WAL pages after which a commit writes them back to the database file; moments of rest do it sooner. 4096 pages of 4 KiB: 16 MiB. */
const autoCheckpointPages = 4096;
const cacheKib = 16_384;

function openHandler(data: StoreThreadData): BatchHandler {
  const db = openDatabase(data.file, queueFormat);
  db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${autoCheckpointPages}; PRAGMA cache_size = -${cacheKib};
    PRAGMA journal_size_limit = ${autoCheckpointPages * 4096}; PRAGMA temp_store = MEMORY`);
  if (data.maxPages !== undefined) {
    db.exec(`PRAGMA max_page_count = ${data.maxPages}`);
  }
  const batches = new StoreBatches(db, data.file);
  return {
    run: (requests) => batches.run(requests),
    idle: () => {
      try {
        db.exec('PRAGMA wal_checkpoint(PASSIVE)');
      } catch {
        // The next write meets the same trouble and reports it.
      }
    },
    close: () => db.close(),
  };
}

class StoreBatches {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #inode: number;
  readonly #methods: Record<string, ((...args: never[]) => unknown) | undefined>;
  #synchronous: 'FULL' | 'NORMAL' = 'FULL';

  constructor(db: DatabaseSync, file: string) {
    this.#db = db;
    this.#file = file;
    this.#inode = statSync(file).ino;
    const writes = new QueueWrites(db);
    const reads = new QueueReads(db);
    this.#methods = {
      accept: writes.accept.bind(writes),
      claim: writes.claim.bind(writes),
      heartbeat: writes.heartbeat.bind(writes),
      succeed: writes.succeed.bind(writes),
      fail: writes.fail.bind(writes),
      release: writes.release.bind(writes),
      rescue: writes.rescue.bind(writes),
      cancel: writes.cancel.bind(writes),
      replay: writes.replay.bind(writes),
      purge: writes.purge.bind(writes),
      registerOwner: writes.registerOwner.bind(writes),
      removeOwners: writes.removeOwners.bind(writes),
      get: reads.get.bind(reads),
      list: reads.list.bind(reads),
      stats: reads.stats.bind(reads),
      nextAvailableAtMs: reads.nextAvailableAtMs.bind(reads),
      owners: reads.owners.bind(reads),
    };
  }

  /** Group commit: one transaction, and one wait for the disk, for everything that is waiting. */
  run(requests: readonly ThreadRequest[]): readonly ThreadAnswer[] {
    try {
      return this.#transaction(requests);
    } catch (error) {
      if (requests.length > 1 && classifySqliteError(error) === 'bug' && !(error instanceof MediumUnavailableError)) {
        // One of them is at fault: alone, it fails alone.
        return requests.flatMap((request) => this.run([request]));
      }
      return requests.map(({ id }) => ({ id, error: encodeError(this.#explained(error)) }));
    }
  }

  #transaction(requests: readonly ThreadRequest[]): readonly ThreadAnswer[] {
    this.#assertInPlace();
    const kinds = new Set(requests.map(({ method }) => methodKinds[method]));
    if (!kinds.has('durable') && !kinds.has('soft')) {
      return requests.map((request) => this.#answer(request));
    }
    this.#setSynchronous(kinds.has('durable') ? 'FULL' : 'NORMAL');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const answers = requests.map((request) => this.#answer(request));
      this.#db.exec('COMMIT');
      return answers;
    } catch (error) {
      rollback(this.#db);
      throw error;
    }
  }

  #answer({ id, method, args }: ThreadRequest): ThreadAnswer {
    const run = this.#methods[method];
    if (run === undefined) {
      throw new Error(`The store has no method "${method}".`);
    }
    return { id, value: run(...trusted<never[]>(args)) };
  }

  #setSynchronous(mode: 'FULL' | 'NORMAL'): void {
    if (mode !== this.#synchronous) {
      this.#db.exec(`PRAGMA synchronous = ${mode}`);
      this.#synchronous = mode;
    }
  }

  /** A file that was deleted or replaced under us would take what we write into nowhere. */
  #assertInPlace(): void {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino;
    if (inode !== this.#inode) {
      throw new MediumUnavailableError(`${this.#file} was ${inode === undefined ? 'removed' : 'replaced'} while in use; put it back or restart`);
    }
  }

  #explained(error: unknown): unknown {
    if (error instanceof BgfnError || error instanceof MediumUnavailableError) {
      return error;
    }
    const message = error instanceof Error ? error.message : String(error);
    const fault = classifySqliteError(error);
    if (fault === 'bug') {
      return error;
    }
    return new MediumUnavailableError(fault === 'corrupt' ? corrupt(this.#file, queueFormat, message).message : `${this.#file}: ${message}`);
  }
}

serveBatches(() => openHandler(trusted<StoreThreadData>(workerData)));
