import type { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { assumeType } from '../../platform/assume-type.ts';
import { Batches, type DatabaseMethod } from '../../sqlite/batches.ts';
import { openDatabase } from '../../sqlite/open-database.ts';
import { serveBatches, type BatchHandler } from '../../sqlite/thread-server.ts';
import type { Store } from '../store.ts';
import { QueueChanges } from './changes.ts';
import { QueueClaims } from './claims.ts';
import { queueFormat } from './format.ts';
import { Inbox } from './inbox.ts';
import { QueueInserts } from './inserts.ts';
import { QueueOwners } from './owners.ts';
import { QueueReads } from './reads.ts';

/** The options that `openSqliteStore` passes to this program, which runs as a worker thread. */
export interface StoreThreadOptions {
  readonly file: string;
  readonly maxPages?: number | undefined;
  readonly busyTimeoutMs?: number | undefined;
  readonly floodGroup?: number | undefined;
  readonly idleAfterMs?: number | undefined;
}

/** The methods of a store, and the method that the thread calls by itself when it is idle. */
export type ThreadMethod = Exclude<keyof Store, 'close'> | 'unpackInbox';

/** The id of requests that the thread sends to itself. */
const ownRequestId = -1;

/**
 * The number of WAL pages after which a commit writes them back to the database file while all
 * callers wait: 2000 pages of 4 KiB, 8 MiB. Usually the idle upkeep has written them back before.
 */
const autoCheckpointPages = 2000;
const cacheKib = 16_384;

function openHandler(options: StoreThreadOptions): BatchHandler {
  const db = openDatabase(options.file, queueFormat, options.busyTimeoutMs);
  db.exec(`PRAGMA wal_autocheckpoint = ${autoCheckpointPages};
    PRAGMA journal_size_limit = ${autoCheckpointPages * 4096};
    PRAGMA cache_size = -${cacheKib}; PRAGMA temp_store = MEMORY`);
  if (options.maxPages !== undefined) {
    db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  }
  const inbox = new Inbox(db);
  const batches = new Batches(db, options.file, queueFormat, methodsOf(db, inbox, options));
  return {
    run: (requests) => batches.run(requests),
    idleAfterMs: options.idleAfterMs,
    idle: () => {
      try {
        if (!inbox.isEmpty() && unpackInbox(batches)) return true;
        db.exec('PRAGMA wal_checkpoint(PASSIVE)');
      } catch {
        // The next write has the same problem and reports it.
      }
      return false;
    },
    close: () => db.close(),
  };
}

/**
 * Does one step of unpacking. Returns true if the inbox contains more, and false if the step
 * failed.
 */
function unpackInbox(batches: Batches): boolean {
  const [answer] = batches.run([{ id: ownRequestId, method: 'unpackInbox', args: [] }]);
  return answer !== undefined && 'value' in answer && answer.value === true;
}

/**
 * The methods with the durability of each. Claims and heartbeats are `soft`: if a power cut undoes
 * one, nothing is lost, because the invocation is queued (or in the inbox) again or its lease is a
 * little older. So a single claim does not wait for the disk before the worker starts.
 */
function methodsOf(
  db: DatabaseSync,
  inbox: Inbox,
  options: StoreThreadOptions,
): Record<ThreadMethod, DatabaseMethod> {
  const inserts = new QueueInserts(db, inbox, options);
  const claims = new QueueClaims(db, inbox, inserts);
  const changes = new QueueChanges(db, inserts);
  const owners = new QueueOwners(db);
  const reads = new QueueReads(db, inbox);
  return {
    accept: { kind: 'durable', run: inserts.addGroups.bind(inserts) },
    succeed: { kind: 'durable', run: changes.succeed.bind(changes) },
    fail: { kind: 'durable', run: changes.fail.bind(changes) },
    release: { kind: 'durable', run: changes.release.bind(changes) },
    rescue: { kind: 'durable', run: changes.rescue.bind(changes) },
    cancel: { kind: 'durable', run: changes.cancel.bind(changes) },
    replay: { kind: 'durable', run: changes.replay.bind(changes) },
    purge: { kind: 'durable', run: changes.purge.bind(changes) },
    probe: { kind: 'durable', run: owners.probe.bind(owners) },
    unpackInbox: { kind: 'soft', run: inserts.unpackOldest.bind(inserts) },
    claim: { kind: 'soft', run: claims.claim.bind(claims) },
    heartbeat: { kind: 'soft', run: changes.heartbeat.bind(changes) },
    registerOwner: { kind: 'soft', run: owners.register.bind(owners) },
    removeOwners: { kind: 'soft', run: owners.remove.bind(owners) },
    owners: { kind: 'read', run: owners.list.bind(owners) },
    get: { kind: 'read', run: reads.get.bind(reads) },
    payload: { kind: 'read', run: reads.payload.bind(reads) },
    list: { kind: 'read', run: reads.list.bind(reads) },
    stats: { kind: 'read', run: reads.stats.bind(reads) },
    nextAvailableAtMs: { kind: 'read', run: reads.nextAvailableAtMs.bind(reads) },
  };
}

serveBatches(() => openHandler(assumeType<StoreThreadOptions>(workerData)));
