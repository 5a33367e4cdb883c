import type { DatabaseSync } from 'node:sqlite';
import { assumeType } from '../../platform/assume-type.ts';
import { deliveryOf } from '../delivery.ts';
import { createIdGenerator } from '../invocation-id.ts';
import {
  endedStates,
  type AttemptError,
  type AttemptRecord,
  type Invocation,
  type RunningInvocation,
} from '../invocation.ts';
import type { LeaseRef, PurgeFilter, RescueOptions } from '../store.ts';
import * as transitions from '../transitions.ts';
import type { QueueInserts } from './inserts.ts';
import {
  attemptOf,
  destinationsOf,
  invocationOf,
  prepareSave,
  type AttemptRow,
  type InvocationRow,
} from './rows.ts';

/** The end of an attempt. */
interface AttemptEnd {
  readonly outcome: AttemptRecord['outcome'];
  readonly error?: AttemptError | undefined;
  /** JSON text. */
  readonly response?: string | undefined;
}

/** One step of a purge. */
export interface PurgeStep {
  readonly deleted: number;
  /** Whether there may be more to delete. */
  readonly isFull: boolean;
}

/**
 * The highest number of invocations that one step of a purge deletes: some milliseconds of work,
 * after which waiting accepts are served.
 */
const purgeStepSize = 500;

/**
 * The changes to invocations after their accept, except claims: heartbeats, ends of runs, cancels,
 * replays and purges. The caller opens and commits the transaction.
 */
export class QueueChanges {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #save: ReturnType<typeof prepareSave>;
  readonly #inserts: QueueInserts;
  readonly #nextId = createIdGenerator();

  constructor(db: DatabaseSync, inserts: QueueInserts) {
    this.#statements = prepareStatements(db);
    this.#save = prepareSave(db);
    this.#inserts = inserts;
  }

  heartbeat(leases: readonly LeaseRef[], nowMs: number, leaseMs: number): string[] {
    const { byId, extend } = this.#statements;
    const gone: string[] = [];
    for (const { id, token } of leases) {
      const row = assumeType<InvocationRow | undefined>(byId.get(id));
      if (row?.state !== 'running' || row.lease_token !== token) {
        gone.push(id);
      } else if (Number(row.lease_expires_at_ms) - nowMs <= (leaseMs * 2) / 3) {
        extend.run(nowMs + leaseMs, row.seq);
      }
    }
    return gone;
  }

  succeed(lease: LeaseRef, nowMs: number, response?: string): boolean {
    return this.#endRun(lease, { outcome: 'succeeded', response }, nowMs, (running) =>
      transitions.succeed(running, nowMs),
    );
  }

  fail(
    lease: LeaseRef,
    error: AttemptError,
    nowMs: number,
    delaysSeconds?: readonly number[],
  ): boolean {
    return this.#endRun(lease, { outcome: 'failed', error }, nowMs, (running) =>
      transitions.fail(running, error, nowMs, delaysSeconds),
    );
  }

  release(lease: LeaseRef, nowMs: number): boolean {
    return this.#endRun(lease, { outcome: 'released' }, nowMs, (running) =>
      transitions.release(running, nowMs),
    );
  }

  /** Ends a run if its lease is still held. Returns whether that was so. */
  #endRun(
    lease: LeaseRef,
    end: AttemptEnd,
    nowMs: number,
    transition: (running: RunningInvocation) => Invocation,
  ): boolean {
    const row = assumeType<InvocationRow | undefined>(this.#statements.byId.get(lease.id));
    const running = row === undefined ? undefined : invocationOf(row);
    if (row === undefined || running?.state !== 'running' || running.lease.token !== lease.token) {
      return false;
    }
    this.#saveEnd(row, transition(running), end, nowMs);
    return true;
  }

  rescue(nowMs: number, options: RescueOptions = {}): Invocation[] {
    const rescued: Invocation[] = [];
    for (const row of this.#abandonedRows(nowMs, options)) {
      const running = invocationOf(row);
      if (running.state === 'running') {
        const next = transitions.rescue(running, nowMs, options.delaysSeconds);
        const end: AttemptEnd = { outcome: 'failed', error: transitions.lostError(running) };
        this.#saveEnd(row, next, end, nowMs);
        rescued.push(next);
      }
    }
    return rescued;
  }

  /** The rows of the runs whose lease has expired or whose owner is dead, each row once. */
  #abandonedRows(
    nowMs: number,
    { expired: takesExpired = true, deadOwners = [] }: RescueOptions,
  ): Iterable<InvocationRow> {
    const { expired, ownedBy } = this.#statements;
    const rows = [
      ...(takesExpired ? expired.all(nowMs) : []),
      ...deadOwners.flatMap((owner) => ownedBy.all(owner)),
    ];
    return new Map(assumeType<InvocationRow[]>(rows).map((row) => [row.seq, row])).values();
  }

  #saveEnd(row: InvocationRow, next: Invocation, end: AttemptEnd, nowMs: number): void {
    this.#save(row.seq, next);
    this.#endAttempt(row.seq, end, nowMs);
    this.#addDelivery(row, next, end.response, nowMs);
  }

  /** Queues the delivery of the outcome if the call has ended and has a destination for the outcome. */
  #addDelivery(
    row: InvocationRow,
    next: Invocation,
    response: string | undefined,
    nowMs: number,
  ): void {
    const destinations = destinationsOf(row);
    if (destinations === undefined || (next.state !== 'succeeded' && next.state !== 'failed')) {
      return;
    }
    const attempts = assumeType<AttemptRow[]>(this.#statements.attempts.all(row.seq)).map(
      attemptOf,
    );
    const id = this.#nextId(nowMs);
    const delivery = deliveryOf({ ended: next, attempts, destinations, response, id });
    if (delivery !== undefined) this.#inserts.addDelivery(delivery, nowMs);
  }

  cancel(id: string, nowMs: number): boolean {
    return this.#change(id, (row, invocation) => {
      const next = transitions.cancel(invocation, nowMs);
      if (next !== undefined && invocation.state === 'running') {
        this.#endAttempt(row.seq, { outcome: 'cancelled' }, nowMs);
      }
      return next;
    });
  }

  replay(id: string, nowMs: number): boolean {
    return this.#change(id, (_row, invocation) => transitions.replay(invocation, nowMs));
  }

  #change(
    id: string,
    transition: (row: InvocationRow, invocation: Invocation) => Invocation | undefined,
  ): boolean {
    const row = this.#rowOf(id);
    const next = row === undefined ? undefined : transition(row, invocationOf(row));
    if (row === undefined || next === undefined) {
      return false;
    }
    this.#save(row.seq, next);
    return true;
  }

  /** The row of an invocation. If the call is in the inbox, its group is unpacked first. */
  #rowOf(id: string): InvocationRow | undefined {
    const look = () => assumeType<InvocationRow | undefined>(this.#statements.byId.get(id));
    const row = look();
    return row === undefined && this.#inserts.unpackGroupOf(id) ? look() : row;
  }

  purge({ finishedBeforeMs, states = endedStates }: PurgeFilter): PurgeStep {
    const { ended, dropPayload, dropAttempts, drop } = this.#statements;
    const seqs = ended.all(finishedBeforeMs, JSON.stringify(states), purgeStepSize);
    for (const { seq } of seqs) {
      dropPayload.run(Number(seq));
      dropAttempts.run(Number(seq));
      drop.run(Number(seq));
    }
    return { deleted: seqs.length, isFull: seqs.length === purgeStepSize };
  }

  #endAttempt(seq: number, { outcome, error }: AttemptEnd, nowMs: number): void {
    this.#statements.endAttempt.run(
      nowMs,
      outcome,
      error === undefined ? null : JSON.stringify(transitions.boundedError(error)),
      seq,
    );
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    byId: db.prepare('SELECT * FROM invocations WHERE id = ?'),
    attempts: db.prepare('SELECT * FROM attempts WHERE seq = ? ORDER BY ordinal'),
    extend: db.prepare('UPDATE invocations SET lease_expires_at_ms = ? WHERE seq = ?'),
    endAttempt: db.prepare(
      `UPDATE attempts SET finished_at_ms = ?, outcome = ?, error = ?
       WHERE seq = ? AND outcome = 'running'`,
    ),
    expired: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_leased
       WHERE state = 'running' AND lease_expires_at_ms <= ?`,
    ),
    ownedBy: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_leased
       WHERE state = 'running' AND lease_owner = ?`,
    ),
    ended: db.prepare(
      `SELECT seq FROM invocations INDEXED BY invocations_ended
       WHERE finished_at_ms < ? AND finished_at_ms IS NOT NULL
         AND state IN (SELECT value FROM json_each(?)) LIMIT ?`,
    ),
    dropPayload: db.prepare('DELETE FROM payloads WHERE seq = ?'),
    dropAttempts: db.prepare('DELETE FROM attempts WHERE seq = ?'),
    drop: db.prepare('DELETE FROM invocations WHERE seq = ?'),
  };
}
