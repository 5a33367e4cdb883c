import { workerData } from 'node:worker_threads';
import { trusted } from '../../platform/assume-type.ts';
import { Batches, type DatabaseMethod } from '../../sqlite/batches.ts';
import { openDatabase } from '../../sqlite/open-database.ts';
import { serveBatches, type BatchHandler } from '../../sqlite/thread-server.ts';
import type { Store } from '../store.ts';
import { QueueWrites } from './changes.ts';
import { queueFormat } from './format.ts';
import { Inbox } from './inbox.ts';
import { Intake } from './inserts.ts';
import { QueueReads } from './reads.ts';

/** What `openSqliteStore` hands to this program. */
export interface StoreThreadData {
  readonly file: string;
  readonly maxPages?: number;
  readonly busyTimeoutMs?: number;
  readonly floodGroup?: number;
  readonly idleAfterMs?: number;
}

/** What the thread does: the methods of a store, and what it tells itself to do. */
export type ThreadMethod = Exclude<keyof Store, 'close'> | 'settle';

/** Of requests that nobody asked. */
const idleId = -1;

/**
 * WAL pages after which a commit writes them back to the database file, and all callers wait for
 * that; moments of rest do it sooner. 2000 pages of 4 KiB: 8 MiB.
 */
const autoCheckpointPages = 2000;
const cacheKib = 16_384;

function openHandler(data: StoreThreadData): BatchHandler {
  const db = openDatabase(data.file, queueFormat, data.busyTimeoutMs);
  db.exec(`PRAGMA wal_autocheckpoint = ${autoCheckpointPages}; PRAGMA journal_size_limit = ${autoCheckpointPages * 4096};
    PRAGMA cache_size = -${cacheKib}; PRAGMA temp_store = MEMORY`);
  if (data.maxPages !== undefined) {
    db.exec(`PRAGMA max_page_count = ${data.maxPages}`);
  }
  const inbox = new Inbox(db);
  const intake = new Intake(db, inbox, data);
  const batches = new Batches(
    db,
    data.file,
    queueFormat,
    methodsOf(intake, new QueueWrites(db, inbox, intake), new QueueReads(db, inbox)),
  );
  return {
    run: (requests) => batches.run(requests),
    ...(data.idleAfterMs === undefined ? {} : { idleAfterMs: data.idleAfterMs }),
    idle: () => {
      try {
        const [answer] = inbox.isEmpty()
          ? []
          : batches.run([{ id: idleId, method: 'settle', args: [] }]);
        if (answer !== undefined && 'value' in answer && answer.value === true) return true;
        db.exec('PRAGMA wal_checkpoint(PASSIVE)');
      } catch {
        // The next write meets the same trouble and reports it.
      }
      return false;
    },
    close: () => db.close(),
  };
}

/**
 * Claims and heartbeats are `soft`: nothing is lost with one that a power cut takes back, the
 * invocation is queued (or in the inbox) still or its lease a little older; so a claim alone does
 * not wait for the disk on its way to the worker.
 */
function methodsOf(
  intake: Intake,
  writes: QueueWrites,
  reads: QueueReads,
): Record<ThreadMethod, DatabaseMethod> {
  return {
    accept: { kind: 'durable', run: intake.accept.bind(intake) },
    succeed: { kind: 'durable', run: writes.succeed.bind(writes) },
    fail: { kind: 'durable', run: writes.fail.bind(writes) },
    release: { kind: 'durable', run: writes.release.bind(writes) },
    rescue: { kind: 'durable', run: writes.rescue.bind(writes) },
    cancel: { kind: 'durable', run: writes.cancel.bind(writes) },
    replay: { kind: 'durable', run: writes.replay.bind(writes) },
    purge: { kind: 'durable', run: writes.purge.bind(writes) },
    probe: { kind: 'durable', run: writes.probe.bind(writes) },
    settle: { kind: 'soft', run: intake.settle.bind(intake) },
    claim: { kind: 'soft', run: writes.claim.bind(writes) },
    heartbeat: { kind: 'soft', run: writes.heartbeat.bind(writes) },
    registerOwner: { kind: 'soft', run: writes.registerOwner.bind(writes) },
    removeOwners: { kind: 'soft', run: writes.removeOwners.bind(writes) },
    get: { kind: 'read', run: reads.get.bind(reads) },
    payload: { kind: 'read', run: reads.payload.bind(reads) },
    list: { kind: 'read', run: reads.list.bind(reads) },
    stats: { kind: 'read', run: reads.stats.bind(reads) },
    nextAvailableAtMs: { kind: 'read', run: reads.nextAvailableAtMs.bind(reads) },
    owners: { kind: 'read', run: reads.owners.bind(reads) },
  };
}

serveBatches(() => openHandler(trusted<StoreThreadData>(workerData)));
