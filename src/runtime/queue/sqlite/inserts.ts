import type { DatabaseSync } from 'node:sqlite';
import type { RetryPolicy } from '../../../manifest/schema.ts';
import type { NewCall, NewDelivery, NewInvocation } from '../store.ts';
import * as transitions from '../transitions.ts';
import { callsOf, type CallGroup, type Duplicates } from './call-group.ts';
import type { Inbox, TakenGroup } from './inbox.ts';

/** Groups of at least this many calls go into the inbox, unless an option says otherwise. */
const floodGroup = 8;
/** A larger group, in bytes, gets rows at once: to write it twice costs more than it saves. */
const largestFloodGroup = 512 * 1024;
/** The limits of one step of unpacking, which bound how long the accepts of that time wait. */
const unpackStep = { calls: 500, bytes: 4 * 1024 * 1024 };

export interface InsertOptions {
  /** Default 8. */
  readonly floodGroup?: number | undefined;
}

/**
 * Stores new invocations, either as rows at once or as groups in the inbox, which are unpacked into
 * rows later. The caller opens and commits the transaction.
 */
export class QueueInserts {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #inbox: Inbox;
  readonly #floodGroup: number;
  #blockedBy: unknown;

  constructor(db: DatabaseSync, inbox: Inbox, options: InsertOptions = {}) {
    this.#db = db;
    this.#statements = prepareStatements(db);
    this.#inbox = inbox;
    this.#floodGroup = options.floodGroup ?? floodGroup;
  }

  /**
   * The error that prevented the unpacking of a group. No more groups go into the inbox until rows
   * can be written again.
   */
  get blockedBy(): unknown {
    return this.#blockedBy;
  }

  addGroups(groups: readonly CallGroup[], nowMs: number): Duplicates {
    const duplicates: Duplicates[] = [];
    for (const group of groups) {
      const { functionName, bytes, size, hasKeys } = group;
      const isFlood = size >= this.#floodGroup && bytes.byteLength <= largestFloodGroup;
      if (isFlood && !hasKeys && this.#blockedBy === undefined) {
        this.#inbox.put(group, nowMs);
      } else {
        const calls = callsOf(functionName, bytes);
        duplicates.push(this.#insertAll(calls, nowMs, this.#inbox.nextSeq));
      }
    }
    return duplicates.flat();
  }

  addDelivery(delivery: NewDelivery, nowMs: number): void {
    this.#insert(delivery, nowMs, { seq: this.#inbox.nextSeq });
  }

  /** Unpacks the oldest groups of the inbox, one step. Returns true if the inbox contains more. */
  unpackOldest(): boolean {
    const done = { calls: 0, bytes: 0 };
    while (done.calls < unpackStep.calls && done.bytes < unpackStep.bytes) {
      const group = this.#inbox.take();
      if (group === undefined) return false;
      this.#insertGroup(group);
      done.calls += group.calls.length;
      done.bytes += group.bytes;
    }
    return !this.#inbox.isEmpty();
  }

  /** Unpacks the group that contains this call. Returns false if no group contains it. */
  unpackGroupOf(id: string): boolean {
    const group = this.#inbox.takeWith(id);
    if (group !== undefined) this.#insertGroup(group);
    return group !== undefined;
  }

  /**
   * Unpacks the oldest due group of a function. Returns false if there is no such group, or if the
   * unpacking failed (the disk is full, or the group cannot be read) and was rolled back.
   */
  unpackDue(functionName: string, nowMs: number): boolean {
    this.#db.exec('SAVEPOINT unpack');
    try {
      const group = this.#inbox.takeDue(functionName, nowMs);
      if (group !== undefined) this.#insertGroup(group);
      this.#db.exec('RELEASE unpack');
      return group !== undefined;
    } catch (error) {
      this.#blockedBy = error;
      try {
        this.#db.exec('ROLLBACK TO unpack; RELEASE unpack');
      } catch {
        // SQLite has ended the whole transaction. The next claim takes the existing rows.
        throw error;
      }
      return false;
    }
  }

  #insertGroup({ calls, acceptedAtMs, seq }: TakenGroup): void {
    // A process of an older version on the same file may have used the numbers of the group.
    const isTaken = this.#statements.anyBetween.get(seq, seq + calls.length - 1) !== undefined;
    this.#insertAll(calls, acceptedAtMs, isTaken ? undefined : seq);
  }

  /** @param firstSeq The number of the first call; default: the next free numbers. */
  #insertAll(calls: readonly NewCall[], nowMs: number, firstSeq?: number): Duplicates {
    const duplicates: [string, string][] = [];
    // By identity: each policy object is encoded once.
    const policies = new Map<RetryPolicy, string>();
    for (const [index, call] of calls.entries()) {
      const retryJson = policies.get(call.retry) ?? JSON.stringify(call.retry);
      policies.set(call.retry, retryJson);
      const seq = firstSeq === undefined ? undefined : firstSeq + index;
      const known = this.#insert(call, nowMs, { seq, retryJson });
      if (known !== undefined) duplicates.push([call.id, known]);
    }
    this.#blockedBy = undefined;
    return duplicates;
  }

  /**
   * @param options.seq Default: the next free number.
   * @returns The id of an earlier call with the same key or id, if there is one; then nothing is
   *   inserted.
   */
  #insert(
    created: NewInvocation,
    nowMs: number,
    {
      seq,
      retryJson = JSON.stringify(created.retry),
    }: { readonly seq: number | undefined; readonly retryJson?: string },
  ): string | undefined {
    const { byKey, insert, insertPayload } = this.#statements;
    const queued = transitions.create(created, nowMs);
    if (queued.idempotencyKey !== undefined) {
      const known = byKey.get(queued.functionName, queued.idempotencyKey);
      if (known !== undefined) return String(known['id']);
    }
    const destinations = created.kind === 'call' ? created.destinations : undefined;
    const { changes, lastInsertRowid } = insert.run(
      seq ?? null,
      queued.id,
      queued.functionName,
      queued.state,
      queued.acceptedAtMs,
      queued.attempt,
      retryJson,
      queued.idempotencyKey ?? null,
      queued.availableAtMs,
      destinations === undefined ? null : JSON.stringify(destinations),
      queued.kind === 'delivery' ? queued.outcomeOf : null,
    );
    if (changes === 0) return created.id;
    insertPayload.run(lastInsertRowid, created.payload);
    return undefined;
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    byKey: db.prepare('SELECT id FROM invocations WHERE function_name = ? AND idempotency_key = ?'),
    insert: db.prepare(
      `INSERT INTO invocations (seq, id, function_name, state, accepted_at_ms, attempt, retry,
         idempotency_key, available_at_ms, destinations, outcome_of)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    ),
    anyBetween: db.prepare('SELECT seq FROM invocations WHERE seq BETWEEN ? AND ? LIMIT 1'),
    insertPayload: db.prepare('INSERT INTO payloads (seq, payload) VALUES (?, ?)'),
  };
}
