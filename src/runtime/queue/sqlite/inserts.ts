import type { DatabaseSync } from 'node:sqlite';
import type { RetryPolicy } from '../../../manifest/schema.ts';
import type { NewCall, NewDelivery, NewInvocation } from '../store.ts';
import * as transitions from '../transitions.ts';
import { unpackCalls, type Duplicates, type PackedCalls } from './call-group.ts';
import type { Inbox, InboxGroup } from './inbox.ts';
import { prepareIntake } from './write-statements.ts';

/** Groups of at least this many calls are kept as a group at first, unless told otherwise. */
const floodGroup = 8;
/** Beyond this, bytes, writing them twice costs more than it saves. */
const largestFloodGroup = 512 * 1024;
/** What is made rows of its own in one go: it bounds how long the accepts that come meanwhile wait. */
const settleStep = { calls: 500, bytes: 4 * 1024 * 1024 };

export interface IntakeOptions {
  /** Default 8. */
  readonly floodGroup?: number;
}

/**
 * How calls become invocations: at once, or as groups in the inbox and later. Inside a transaction
 * that the caller opens and commits.
 */
export class Intake {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareIntake>;
  readonly #inbox: Inbox;
  readonly #floodGroup: number;
  #blockedBy: unknown;

  constructor(db: DatabaseSync, inbox: Inbox, options: IntakeOptions = {}) {
    this.#db = db;
    this.#statements = prepareIntake(db);
    this.#inbox = inbox;
    this.#floodGroup = options.floodGroup ?? floodGroup;
  }

  /**
   * Why no rows could be made of a group; until something can be written again, no more groups are
   * taken in.
   */
  get blockedBy(): unknown {
    return this.#blockedBy;
  }

  /** Many at once go into the inbox. */
  accept(packs: readonly PackedCalls[], nowMs: number): Duplicates {
    const duplicates: Duplicates[] = [];
    for (const pack of packs) {
      const isFlood = pack.size >= this.#floodGroup && pack.group.byteLength <= largestFloodGroup;
      if (isFlood && !pack.hasKeys && this.#blockedBy === undefined) {
        this.#inbox.put(pack, nowMs);
      } else {
        duplicates.push(
          this.#acceptAll(unpackCalls(pack.functionName, pack.group), nowMs, this.#inbox.nextSeq),
        );
      }
    }
    return duplicates.flat();
  }

  /** Makes rows of the oldest calls in the inbox. True when it holds more. */
  settle(): boolean {
    const settled = { calls: 0, bytes: 0 };
    while (settled.calls < settleStep.calls && settled.bytes < settleStep.bytes) {
      const group = this.#inbox.take();
      if (group === undefined) return false;
      this.#settleGroup(group);
      settled.calls += group.calls.length;
      settled.bytes += group.bytes;
    }
    return !this.#inbox.isEmpty();
  }

  #settleGroup({ calls, acceptedAtMs, seq }: InboxGroup): void {
    // An older bgfn on the same file knows nothing of the numbers that the inbox has taken.
    const isTaken = this.#statements.anyBetween.get(seq, seq + calls.length - 1) !== undefined;
    this.#acceptAll(calls, acceptedAtMs, isTaken ? undefined : seq);
  }

  /** @param firstSeq The number of the first call; default: the next free ones. */
  #acceptAll(calls: readonly NewCall[], nowMs: number, firstSeq?: number): Duplicates {
    const duplicates: [string, string][] = [];
    const policies = new Map<RetryPolicy, string>();
    for (const [index, call] of calls.entries()) {
      const policy = policies.get(call.retry) ?? JSON.stringify(call.retry);
      policies.set(call.retry, policy);
      const known = this.#accept(
        call,
        nowMs,
        firstSeq === undefined ? undefined : firstSeq + index,
        policy,
      );
      if (known !== undefined) {
        duplicates.push([call.id, known]);
      }
    }
    this.#blockedBy = undefined;
    return duplicates;
  }

  addDelivery(delivery: NewDelivery, nowMs: number): void {
    this.#accept(delivery, nowMs, this.#inbox.nextSeq);
  }

  /** Makes rows of the group that a call is in. False when it is in none. */
  settleWith(id: string): boolean {
    const group = this.#inbox.takeWith(id);
    if (group !== undefined) this.#settleGroup(group);
    return group !== undefined;
  }

  /**
   * Makes rows of the oldest due group of a function. False when it failed, for want of room or
   * because the group cannot be read: then nothing of it was done.
   */
  settleDue(functionName: string, nowMs: number): boolean {
    this.#db.exec('SAVEPOINT settle');
    try {
      const group = this.#inbox.takeDue(functionName, nowMs);
      if (group !== undefined) this.#settleGroup(group);
      this.#db.exec('RELEASE settle');
      return group !== undefined;
    } catch (error) {
      this.#blockedBy = error;
      try {
        this.#db.exec('ROLLBACK TO settle; RELEASE settle');
      } catch {
        // SQLite has ended the whole transaction. The next claim takes what has its rows.
        throw error;
      }
      return false;
    }
  }

  /** The id under which the call was accepted before, if it was. */
  #accept(
    created: NewInvocation,
    nowMs: number,
    seq: number | undefined,
    policy = JSON.stringify(created.retry),
  ): string | undefined {
    const { byKey, insert, insertPayload } = this.#statements;
    const queued = transitions.accept(created, nowMs);
    const known =
      queued.idempotencyKey === undefined
        ? undefined
        : byKey.get(queued.functionName, queued.idempotencyKey);
    if (known !== undefined) {
      return String(known['id']);
    }
    const destinations = created.kind === 'call' ? created.destinations : undefined;
    const { changes, lastInsertRowid } = insert.run(
      seq ?? null,
      queued.id,
      queued.functionName,
      queued.state,
      queued.acceptedAtMs,
      queued.attempt,
      policy,
      queued.idempotencyKey ?? null,
      queued.availableAtMs,
      destinations === undefined ? null : JSON.stringify(destinations),
      queued.kind === 'delivery' ? queued.outcomeOf : null,
    );
    if (changes === 0) {
      return created.id;
    }
    insertPayload.run(lastInsertRowid, created.payload);
    return undefined;
  }
}
