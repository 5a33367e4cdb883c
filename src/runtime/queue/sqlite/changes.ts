import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { trusted } from '../../platform/assume-type.ts';
import { deliveryOf } from '../delivery.ts';
import { pickFairly, type WaitingFunction } from '../fair-picks.ts';
import { createIdGenerator } from '../invocation-id.ts';
import type { AttemptError, AttemptRecord, Invocation, InvocationState } from '../invocation.ts';
import type { Claimed, ClaimRequest, LeaseRef, OwnerRecord, RescueOptions } from '../store.ts';
import * as transitions from '../transitions.ts';
import type { Inbox } from './inbox.ts';
import type { Intake } from './inserts.ts';
import { purgeStep } from './purge-step.ts';
import {
  attemptOf,
  changedColumns,
  destinationsOf,
  invocationOf,
  kindOf,
  type AttemptRow,
  type InvocationRow,
} from './rows.ts';
import { prepareWrites } from './write-statements.ts';

interface RowWithPayload extends InvocationRow {
  readonly payload: Uint8Array;
}

interface DueRow {
  readonly seq: number;
  readonly available_at_ms: number;
}

interface DueFunction extends WaitingFunction {
  /** Of its due invocations, in the order of `dueAtMs`; a claim takes them out. */
  readonly seqs: number[];
}

/** How an attempt ended. */
interface End {
  readonly outcome: AttemptRecord['outcome'];
  readonly error?: AttemptError;
  /** JSON text. */
  readonly response?: string | undefined;
}

/**
 * Every change of what is in the queue already, synchronously, inside a transaction that the caller
 * opens and commits.
 */
export class QueueWrites {
  readonly #statements: ReturnType<typeof prepareWrites>;
  readonly #lastClaims = new Map<string, number>();
  readonly #nextId = createIdGenerator();
  readonly #inbox: Inbox;
  readonly #intake: Intake;
  #claims = 0;

  constructor(db: DatabaseSync, inbox: Inbox, intake: Intake) {
    this.#statements = prepareWrites(db);
    this.#inbox = inbox;
    this.#intake = intake;
  }

  claim(request: ClaimRequest): Claimed[] {
    const due = this.#due(request);
    const claimed = pickFairly([...due.values()], request.limit, request.deliveryLimit).map(
      (functionName) => {
        const seq = due.get(functionName)?.seqs.shift();
        this.#claims += 1;
        this.#lastClaims.set(functionName, this.#claims);
        return this.#claimOne(Number(seq), request);
      },
    );
    if (claimed.length === 0 && this.#intake.blockedBy !== undefined) throw this.#intake.blockedBy;
    return claimed;
  }

  #due(request: ClaimRequest): Map<string, DueFunction> {
    const { queuedFunctions, countOf, kindOf: kindOfRow } = this.#statements;
    const due = new Map<string, DueFunction>();
    for (const { name } of queuedFunctions.all()) {
      const functionName = String(name);
      const free = Math.min(
        Object.hasOwn(request.free, functionName) ? (request.free[functionName] ?? 0) : 0,
        request.limit,
      );
      const rows = free > 0 ? this.#dueOf(functionName, request.nowMs, free) : [];
      const [first] = rows;
      if (first !== undefined) {
        due.set(functionName, {
          functionName,
          // All of one name are of one kind.
          kind: kindOf(trusted<InvocationRow>(kindOfRow.get(first.seq))).kind,
          running: Number(countOf.get(functionName, 'running')?.['amount'] ?? 0),
          lastClaim: this.#lastClaims.get(functionName) ?? 0,
          dueAtMs: rows.map(({ available_at_ms: atMs }) => atMs),
          seqs: rows.map(({ seq }) => seq),
        });
      }
    }
    return due;
  }

  /**
   * The oldest due invocations of a function: of its calls in the inbox as many groups become rows
   * as are wanted.
   */
  #dueOf(functionName: string, nowMs: number, free: number): readonly DueRow[] {
    const look = (): readonly DueRow[] =>
      trusted<DueRow[]>(this.#statements.dueOf.all(functionName, nowMs, free));
    for (let rows = look(); ; rows = look()) {
      const nextMs = this.#inbox.oldestDueAtMs(functionName, nowMs);
      const isWanted =
        nextMs !== undefined &&
        (rows.length < free || nextMs < (rows.at(-1)?.available_at_ms ?? 0));
      // Where there was no room a moment ago, what has its rows goes first.
      const isHopeless = this.#intake.blockedBy !== undefined && rows.length > 0;
      if (!isWanted || isHopeless || !this.#intake.settleDue(functionName, nowMs)) return rows;
    }
  }

  #claimOne(seq: number, request: ClaimRequest): Claimed {
    const { withPayload, startAttempt } = this.#statements;
    const row = trusted<RowWithPayload>(withPayload.get(seq));
    const queued = invocationOf(row);
    if (queued.state !== 'queued') {
      throw new Error(
        `Invocation ${queued.id} is in the index of queued ones, but ${queued.state}.`,
      );
    }
    const lease = {
      owner: request.owner,
      token: randomBytes(12).toString('base64url'),
      expiresAtMs: request.nowMs + request.leaseMs,
    };
    const invocation = transitions.claim(queued, lease, request.nowMs);
    this.#save(seq, invocation);
    startAttempt.run(seq, seq, invocation.attempt, invocation.startedAtMs);
    return {
      invocation,
      payload: row.payload,
      wantsResponse: destinationsOf(row)?.onSuccess !== undefined,
    };
  }

  heartbeat(leases: readonly LeaseRef[], nowMs: number, leaseMs: number): string[] {
    const { byId, extend } = this.#statements;
    const gone: string[] = [];
    for (const { id, token } of leases) {
      const row = trusted<InvocationRow | undefined>(byId.get(id));
      if (row?.state !== 'running' || row.lease_token !== token) {
        gone.push(id);
      } else if (Number(row.lease_expires_at_ms) - nowMs <= (leaseMs * 2) / 3) {
        extend.run(nowMs + leaseMs, row.seq);
      }
    }
    return gone;
  }

  succeed(lease: LeaseRef, nowMs: number, response?: string): boolean {
    return this.#end(lease, { outcome: 'succeeded', response }, nowMs, (running) =>
      transitions.succeed(running, nowMs),
    );
  }

  fail(
    lease: LeaseRef,
    error: AttemptError,
    nowMs: number,
    delaysSeconds?: readonly number[],
  ): boolean {
    return this.#end(lease, { outcome: 'failed', error }, nowMs, (running) =>
      transitions.fail(running, error, nowMs, delaysSeconds),
    );
  }

  release(lease: LeaseRef, nowMs: number): boolean {
    return this.#end(lease, { outcome: 'released' }, nowMs, (running) =>
      transitions.release(running, nowMs),
    );
  }

  /** The end of a run, if its lease is still held. */
  #end(
    lease: LeaseRef,
    end: End,
    nowMs: number,
    transition: (running: transitions.RunningInvocation) => Invocation,
  ): boolean {
    const row = trusted<InvocationRow | undefined>(this.#statements.byId.get(lease.id));
    const running = row === undefined ? undefined : invocationOf(row);
    if (row === undefined || running?.state !== 'running' || running.lease.token !== lease.token) {
      return false;
    }
    const next = transition(running);
    this.#save(row.seq, next);
    this.#endAttempt(row.seq, end.outcome, nowMs, end.error);
    this.#tellDestination(row, next, nowMs, end.response);
    return true;
  }

  rescue(nowMs: number, options: RescueOptions = {}): Invocation[] {
    const { expired, ownedBy } = this.#statements;
    const rows = new Map<number, InvocationRow>();
    for (const row of options.expired === false
      ? []
      : trusted<InvocationRow[]>(expired.all(nowMs))) {
      rows.set(row.seq, row);
    }
    for (const owner of options.deadOwners ?? []) {
      for (const row of trusted<InvocationRow[]>(ownedBy.all(owner))) {
        rows.set(row.seq, row);
      }
    }
    const rescued: Invocation[] = [];
    for (const row of rows.values()) {
      const running = invocationOf(row);
      if (running.state === 'running') {
        const next = transitions.rescue(running, nowMs, options.delaysSeconds);
        this.#save(row.seq, next);
        this.#endAttempt(row.seq, 'failed', nowMs, transitions.lostError(running));
        this.#tellDestination(row, next, nowMs);
        rescued.push(next);
      }
    }
    return rescued;
  }

  /** What ended is told to who wants to hear of it: accepted here, in the transaction of its end. */
  #tellDestination(row: InvocationRow, next: Invocation, nowMs: number, response?: string): void {
    const destinations = destinationsOf(row);
    if (destinations === undefined || (next.state !== 'succeeded' && next.state !== 'failed')) {
      return;
    }
    const attempts = trusted<AttemptRow[]>(this.#statements.attempts.all(row.seq)).map(attemptOf);
    const delivery = deliveryOf(next, attempts, destinations, response, this.#nextId(nowMs));
    if (delivery !== undefined) {
      this.#intake.addDelivery(delivery, nowMs);
    }
  }

  cancel(id: string, nowMs: number): boolean {
    return this.#change(id, (row, invocation) => {
      const next = transitions.cancel(invocation, nowMs);
      if (next !== undefined && invocation.state === 'running') {
        this.#endAttempt(row.seq, 'cancelled', nowMs);
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

  #rowOf(id: string): InvocationRow | undefined {
    const look = () => trusted<InvocationRow | undefined>(this.#statements.byId.get(id));
    const row = look();
    return row === undefined && this.#intake.settleWith(id) ? look() : row;
  }

  /**
   * One step of a purge, `purgeStep` at most: accepts that wait meanwhile have their turn between
   * two steps.
   */
  purge(filter: {
    readonly finishedBeforeMs: number;
    readonly states?: readonly InvocationState['state'][];
  }): number {
    const { ended, dropPayload, dropAttempts, drop } = this.#statements;
    const seqs = ended.all(
      filter.finishedBeforeMs,
      JSON.stringify(filter.states ?? transitions.endedStates),
      purgeStep,
    );
    for (const { seq } of seqs) {
      dropPayload.run(Number(seq));
      dropAttempts.run(Number(seq));
      drop.run(Number(seq));
    }
    return seqs.length;
  }

  registerOwner(owner: OwnerRecord): void {
    this.#statements.registerOwner.run(
      owner.id,
      owner.place,
      owner.pid,
      owner.processStart,
      owner.registeredAtMs,
    );
  }

  removeOwners(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#statements.ownedBy.get(id) === undefined) {
        this.#statements.removeOwner.run(id);
      }
    }
  }

  probe(): void {
    const id = 'probe';
    this.registerOwner({ id, place: '', pid: 0, processStart: '', registeredAtMs: 0 });
    this.#statements.removeOwner.run(id);
  }

  #save(seq: number, invocation: Invocation): void {
    this.#statements.update.run(...changedColumns(invocation), seq);
  }

  #endAttempt(
    seq: number,
    outcome: AttemptRecord['outcome'],
    nowMs: number,
    error?: AttemptError,
  ): void {
    this.#statements.endAttempt.run(
      nowMs,
      outcome,
      error === undefined ? null : JSON.stringify(transitions.boundedError(error)),
      seq,
    );
  }
}
