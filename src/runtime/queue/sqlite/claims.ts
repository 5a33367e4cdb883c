import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { assumeType } from '../../platform/assume-type.ts';
import { pickFairly, type WaitingFunction } from '../fair-picks.ts';
import type { Claimed, ClaimRequest } from '../store.ts';
import * as transitions from '../transitions.ts';
import type { Inbox } from './inbox.ts';
import type { QueueInserts } from './inserts.ts';
import { destinationsOf, invocationOf, kindOf, prepareSave, type InvocationRow } from './rows.ts';

interface RowWithPayload extends InvocationRow {
  readonly payload: Uint8Array;
}

interface DueRow {
  readonly seq: number;
  readonly available_at_ms: number;
}

interface DueFunction extends WaitingFunction {
  /** The rows of `dueAtMs`, in the same order; a claim removes its row. */
  readonly seqs: number[];
}

/** The functions with queued invocations: a handful of rows, however long the queue is. */
export const queuedFunctionsSql = `SELECT DISTINCT function_name AS name FROM counts
  WHERE state IN ('queued', 'inbox') AND amount > 0`;

/** Turns due invocations into running ones. The caller opens and commits the transaction. */
export class QueueClaims {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #save: ReturnType<typeof prepareSave>;
  readonly #inbox: Inbox;
  readonly #inserts: QueueInserts;
  readonly #lastClaims = new Map<string, number>();
  #claims = 0;

  constructor(db: DatabaseSync, inbox: Inbox, inserts: QueueInserts) {
    this.#statements = prepareStatements(db);
    this.#save = prepareSave(db);
    this.#inbox = inbox;
    this.#inserts = inserts;
  }

  claim(request: ClaimRequest): Claimed[] {
    const due = this.#dueFunctions(request);
    const picks = pickFairly([...due.values()], request.limit, request.deliveryLimit);
    const claimed = picks.map((functionName) => {
      const seq = due.get(functionName)?.seqs.shift();
      this.#claims += 1;
      this.#lastClaims.set(functionName, this.#claims);
      return this.#claimRow(Number(seq), request);
    });
    if (claimed.length === 0 && this.#inserts.blockedBy !== undefined) {
      throw this.#inserts.blockedBy;
    }
    return claimed;
  }

  #dueFunctions(request: ClaimRequest): ReadonlyMap<string, DueFunction> {
    const { queuedFunctions, outcomeOf, countOf } = this.#statements;
    const due = new Map<string, DueFunction>();
    for (const { name } of queuedFunctions.all()) {
      const functionName = String(name);
      const free = Math.min(
        Object.hasOwn(request.free, functionName) ? (request.free[functionName] ?? 0) : 0,
        request.limit,
      );
      const rows = free > 0 ? this.#dueRowsOf(functionName, request.nowMs, free) : [];
      const [first] = rows;
      if (first !== undefined) {
        due.set(functionName, {
          functionName,
          // All invocations of one name are of one kind.
          kind: kindOf(assumeType<InvocationRow>(outcomeOf.get(first.seq))).kind,
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
   * The oldest due rows of a function. Its groups in the inbox are unpacked until there are as many
   * rows as the claim may take.
   */
  #dueRowsOf(functionName: string, nowMs: number, free: number): readonly DueRow[] {
    const look = (): readonly DueRow[] =>
      assumeType<DueRow[]>(this.#statements.dueOf.all(functionName, nowMs, free));
    for (let rows = look(); ; rows = look()) {
      const nextMs = this.#inbox.oldestDueAtMs(functionName, nowMs);
      const isWanted =
        nextMs !== undefined &&
        (rows.length < free || nextMs < (rows.at(-1)?.available_at_ms ?? 0));
      // If the last group could not be unpacked, the existing rows are claimed first.
      const isHopeless = this.#inserts.blockedBy !== undefined && rows.length > 0;
      if (!isWanted || isHopeless || !this.#inserts.unpackDue(functionName, nowMs)) return rows;
    }
  }

  #claimRow(seq: number, request: ClaimRequest): Claimed {
    const { withPayload, startAttempt } = this.#statements;
    const row = assumeType<RowWithPayload>(withPayload.get(seq));
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
}

function prepareStatements(db: DatabaseSync) {
  return {
    queuedFunctions: db.prepare(queuedFunctionsSql),
    dueOf: db.prepare(
      `SELECT seq, available_at_ms FROM invocations INDEXED BY invocations_due
       WHERE state = 'queued' AND function_name = ? AND available_at_ms <= ?
       ORDER BY available_at_ms, seq LIMIT ?`,
    ),
    outcomeOf: db.prepare('SELECT outcome_of FROM invocations WHERE seq = ?'),
    countOf: db.prepare('SELECT amount FROM counts WHERE function_name = ? AND state = ?'),
    withPayload: db.prepare(
      'SELECT i.*, p.payload FROM invocations i JOIN payloads p USING (seq) WHERE seq = ?',
    ),
    startAttempt: db.prepare(
      `INSERT INTO attempts (seq, ordinal, number, started_at_ms, outcome)
       VALUES (?, (SELECT coalesce(max(ordinal), 0) + 1 FROM attempts WHERE seq = ?), ?, ?, 'running')`,
    ),
  };
}
