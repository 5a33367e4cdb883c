import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { RetryPolicy } from '../../manifest/schema.ts';
import { trusted } from '../../sqlite/trusted.ts';
import { pickFairly } from '../fair.ts';
import type { AttemptError, AttemptRecord, Invocation, InvocationState } from '../invocation.ts';
import type { Claimed, ClaimRequest, LeaseRef, NewInvocation, OwnerRecord, RescueOptions } from '../store.ts';
import { deliveryOf } from '../delivery.ts';
import { createIdGenerator } from '../invocation-id.ts';
import * as transitions from '../transitions.ts';
import type { Inbox, InboxGroup } from './inbox.ts';
import { unpackCalls } from './packed-calls.ts';
import type { Duplicates, PackedCalls } from './packed-calls.ts';
import { purgeStep } from './purge-step.ts';
import { attemptOf, changedColumns, destinationsOf, invocationOf } from './rows.ts';
import type { AttemptRow, InvocationRow } from './rows.ts';
import { prepareWrites } from './write-statements.ts';

interface RowWithPayload extends InvocationRow {
  readonly payload: Uint8Array;
}

interface DueRow {
  readonly seq: number;
  readonly available_at_ms: number;
}

/** How an attempt ended. */
interface End {
  readonly outcome: AttemptRecord['outcome'];
  readonly error?: AttemptError;
  readonly response?: unknown;
}

/** Groups of at least this many calls are kept as a group at first, unless told otherwise. */
const floodGroup = 8;
/** Beyond this, bytes, writing them twice costs more than it saves. */
const largestFloodGroup = 512 * 1024;
/** What is made rows of its own in one go: it bounds how long the accepts that come meanwhile wait. */
const settleStep = { calls: 500, bytes: 4 * 1024 * 1024 };

export interface WritesOptions {
  /** Default 8. */
  readonly floodGroup?: number;
}

/** Every change of the queue, synchronously, inside a transaction that the caller opens and commits. */
export class QueueWrites {
  readonly #statements: ReturnType<typeof prepareWrites>;
  readonly #lastClaims = new Map<string, number>();
  readonly #nextId = createIdGenerator();
  readonly #db: DatabaseSync;
  readonly #inbox: Inbox;
  readonly #floodGroup: number;
  #claims = 0;
  /** Why no rows could be made of a group; until something can be written again, no more groups are taken in. */
  #settleError: unknown;

  constructor(db: DatabaseSync, inbox: Inbox, options: WritesOptions = {}) {
    this.#db = db;
    this.#statements = prepareWrites(db);
    this.#inbox = inbox;
    this.#floodGroup = options.floodGroup ?? floodGroup;
  }

  /** Many at once go into the inbox. */
  accept(packs: readonly PackedCalls[], nowMs: number): Duplicates {
    const duplicates: Duplicates[] = [];
    for (const pack of packs) {
      const isFlood = pack.size >= this.#floodGroup && pack.group.byteLength <= largestFloodGroup;
      if (isFlood && !pack.hasKeys && this.#settleError === undefined) this.#inbox.put(pack, nowMs);
      else duplicates.push(this.#acceptAll(unpackCalls(pack.functionName, pack.group), nowMs, this.#inbox.nextSeq));
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

  /** @param firstSeq the number of the first call; default: the next free ones. */
  #acceptAll(calls: readonly NewInvocation[], nowMs: number, firstSeq?: number): Duplicates {
    const duplicates: [string, string][] = [];
    const policies = new Map<RetryPolicy, string>();
    for (const [index, call] of calls.entries()) {
      const policy = policies.get(call.retry) ?? JSON.stringify(call.retry);
      policies.set(call.retry, policy);
      const known = this.#accept(call, nowMs, firstSeq === undefined ? undefined : firstSeq + index, policy);
      if (known !== undefined) {
        duplicates.push([call.id, known]);
      }
    }
    this.#settleError = undefined;
    return duplicates;
  }

  /** The id under which the call was accepted before, if it was. */
  #accept(call: NewInvocation, nowMs: number, seq: number | undefined, policy = JSON.stringify(call.retry)): string | undefined {
    const { byKey, insert, insertPayload } = this.#statements;
    const known = call.idempotencyKey === undefined ? undefined : byKey.get(call.functionName, call.idempotencyKey);
    if (known !== undefined) {
      return String(known['id']);
    }
    const queued = transitions.accept(call, nowMs);
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
      call.destinations === undefined ? null : JSON.stringify(call.destinations),
    );
    if (changes === 0) {
      return call.id;
    }
    insertPayload.run(lastInsertRowid, call.payload);
    return undefined;
  }

  claim(request: ClaimRequest): Claimed[] {
    const due = this.#due(request);
    const claimed = pickFairly([...due.values()], request.limit, request.deliveryLimit).map((functionName) => {
      const seq = due.get(functionName)?.seqs.shift();
      this.#claims += 1;
      this.#lastClaims.set(functionName, this.#claims);
      return this.#claimOne(Number(seq), request);
    });
    if (claimed.length === 0 && this.#settleError !== undefined) throw this.#settleError;
    return claimed;
  }

  #due(request: ClaimRequest) {
    const { queuedFunctions, countOf } = this.#statements;
    const due = new Map<string, { functionName: string; running: number; lastClaim: number; dueAtMs: number[]; seqs: number[] }>();
    for (const { name } of queuedFunctions.all()) {
      const functionName = String(name);
      const free = Math.min(Object.hasOwn(request.free, functionName) ? (request.free[functionName] ?? 0) : 0, request.limit);
      const rows = free > 0 ? this.#dueOf(functionName, request.nowMs, free) : [];
      if (rows.length > 0) {
        due.set(functionName, {
          functionName,
          running: Number(countOf.get(functionName, 'running')?.['amount'] ?? 0),
          lastClaim: this.#lastClaims.get(functionName) ?? 0,
          dueAtMs: rows.map(({ available_at_ms: atMs }) => atMs),
          seqs: rows.map(({ seq }) => seq),
        });
      }
    }
    return due;
  }

  /** The oldest due invocations of a function: of its calls in the inbox as many groups become rows as are wanted. */
  #dueOf(functionName: string, nowMs: number, free: number): readonly DueRow[] {
    const look = (): readonly DueRow[] => trusted<DueRow[]>(this.#statements.dueOf.all(functionName, nowMs, free));
    for (let rows = look(); ; rows = look()) {
      const nextMs = this.#inbox.oldestAtMs(functionName) ?? Number.POSITIVE_INFINITY;
      const isWanted = nextMs <= nowMs && (rows.length < free || nextMs < (rows.at(-1)?.available_at_ms ?? 0));
      // Where there was no room a moment ago, what has its rows goes first.
      const isHopeless = this.#settleError !== undefined && rows.length > 0;
      if (!isWanted || isHopeless || !this.#settleOneOf(functionName)) return rows;
    }
  }

  /** False when it failed, for want of room or because the group cannot be read: then nothing of it was done. */
  #settleOneOf(functionName: string): boolean {
    this.#db.exec('SAVEPOINT settle');
    try {
      const group = this.#inbox.take(functionName);
      if (group !== undefined) this.#settleGroup(group);
      this.#db.exec('RELEASE settle');
      return group !== undefined;
    } catch (error) {
      this.#settleError = error;
      try {
        this.#db.exec('ROLLBACK TO settle; RELEASE settle');
      } catch {
        // SQLite has ended the whole transaction. The next claim takes what has its rows.
        throw error;
      }
      return false;
    }
  }

  #claimOne(seq: number, request: ClaimRequest): Claimed {
    const { withPayload, startAttempt } = this.#statements;
    const row = trusted<RowWithPayload>(withPayload.get(seq));
    const queued = invocationOf(row);
    if (queued.state !== 'queued') {
      throw new Error(`Invocation ${queued.id} is in the index of queued ones, but ${queued.state}.`);
    }
    const lease = { owner: request.owner, token: randomBytes(12).toString('base64url'), expiresAtMs: request.nowMs + request.leaseMs };
    const invocation = transitions.claim(queued, lease, request.nowMs);
    this.#save(seq, invocation);
    startAttempt.run(seq, seq, invocation.attempt, invocation.startedAtMs);
    return { invocation, payload: row.payload, wantsResponse: destinationsOf(row)?.onSuccess !== undefined };
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

  succeed(lease: LeaseRef, nowMs: number, response?: unknown): boolean {
    return this.#end(lease, { outcome: 'succeeded', response }, nowMs, (running) => transitions.succeed(running, nowMs));
  }

  fail(lease: LeaseRef, error: AttemptError, nowMs: number, delaysSeconds?: readonly number[]): boolean {
    return this.#end(lease, { outcome: 'failed', error }, nowMs, (running) => transitions.fail(running, error, nowMs, delaysSeconds));
  }

  release(lease: LeaseRef, nowMs: number): boolean {
    return this.#end(lease, { outcome: 'released' }, nowMs, (running) => transitions.release(running, nowMs));
  }

  /** The end of a run, if its lease is still held. */
  #end(lease: LeaseRef, end: End, nowMs: number, transition: (running: transitions.RunningInvocation) => Invocation): boolean {
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
    for (const row of options.expired === false ? [] : trusted<InvocationRow[]>(expired.all(nowMs))) {
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
  #tellDestination(row: InvocationRow, next: Invocation, nowMs: number, response?: unknown): void {
    const destinations = destinationsOf(row);
    if (destinations === undefined || (next.state !== 'succeeded' && next.state !== 'failed')) {
      return;
    }
    const attempts = trusted<AttemptRow[]>(this.#statements.attempts.all(row.seq)).map(attemptOf);
    const delivery = deliveryOf(next, attempts, destinations, response, this.#nextId(nowMs));
    if (delivery !== undefined) {
      this.#accept(delivery, nowMs, this.#inbox.nextSeq);
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

  #change(id: string, transition: (row: InvocationRow, invocation: Invocation) => Invocation | undefined): boolean {
    const row = this.#rowOf(id);
    const next = row === undefined ? undefined : transition(row, invocationOf(row));
    if (row === undefined || next === undefined) {
      return false;
    }
    this.#save(row.seq, next);
    return true;
  }

  #rowOf(id: string): InvocationRow | undefined {
    const row = trusted<InvocationRow | undefined>(this.#statements.byId.get(id));
    const group = row === undefined ? this.#inbox.takeWith(id) : undefined;
    if (group === undefined) return row;
    this.#settleGroup(group);
    return trusted<InvocationRow | undefined>(this.#statements.byId.get(id));
  }

  /** One step of a purge, `purgeStep` at most: accepts that wait meanwhile have their turn between two steps. */
  purge(filter: { readonly finishedBeforeMs: number; readonly states?: readonly InvocationState['state'][] }): number {
    const { ended, dropPayload, dropAttempts, drop } = this.#statements;
    const seqs = ended.all(filter.finishedBeforeMs, JSON.stringify(filter.states ?? transitions.endedStates), purgeStep);
    for (const { seq } of seqs) {
      dropPayload.run(Number(seq));
      dropAttempts.run(Number(seq));
      drop.run(Number(seq));
    }
    return seqs.length;
  }

  registerOwner(owner: OwnerRecord): void {
    this.#statements.registerOwner.run(owner.id, owner.place, owner.pid, owner.processStart, owner.registeredAtMs);
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

  #endAttempt(seq: number, outcome: AttemptRecord['outcome'], nowMs: number, error?: AttemptError): void {
    this.#statements.endAttempt.run(nowMs, outcome, error === undefined ? null : JSON.stringify(transitions.boundedError(error)), seq);
  }
}
