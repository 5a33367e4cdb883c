import type { DatabaseSync } from 'node:sqlite';
import { assumeType } from '../../platform/assume-type.ts';
import {
  invocationStates,
  type Invocation,
  type InvocationKind,
  type InvocationStateName,
} from '../invocation.ts';
import type { FunctionStats, InvocationDetail, ListFilter } from '../store.ts';
import { queuedFunctionsSql } from './claims.ts';
import type { Inbox } from './inbox.ts';
import { attemptOf, invocationOf, kindOf, type AttemptRow, type InvocationRow } from './rows.ts';

type Counts = Record<InvocationStateName, number>;

/** Reads the queue: rows, and the calls in the inbox. Reads need no transaction. */
export class QueueReads {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #inbox: Inbox;

  constructor(db: DatabaseSync, inbox: Inbox) {
    this.#statements = prepareStatements(db);
    this.#inbox = inbox;
  }

  get(id: string): InvocationDetail | undefined {
    const row = this.#rowOf(id);
    if (row === undefined) {
      const invocation = this.#inbox.findCall(id)?.invocation;
      // Between the two queries another process may have unpacked the call into a row.
      return invocation === undefined
        ? this.#detailOf(this.#rowOf(id))
        : { invocation, attempts: [] };
    }
    return this.#detailOf(row);
  }

  payload(id: string): Uint8Array | undefined {
    return this.#payloadOf(id) ?? this.#inbox.payloadOf(id) ?? this.#payloadOf(id);
  }

  #payloadOf(id: string): Uint8Array | undefined {
    return assumeType<{ readonly payload: Uint8Array } | undefined>(
      this.#statements.payload.get(id),
    )?.payload;
  }

  #rowOf(id: string): InvocationRow | undefined {
    return assumeType<InvocationRow | undefined>(this.#statements.byId.get(id));
  }

  #detailOf(row: InvocationRow | undefined): InvocationDetail | undefined {
    if (row === undefined) return undefined;
    const attempts = assumeType<AttemptRow[]>(this.#statements.attempts.all(row.seq));
    return { invocation: invocationOf(row), attempts: attempts.map(attemptOf) };
  }

  list(filter: ListFilter): Invocation[] {
    const { functionName, states = [] } = filter;
    const beforeSeq =
      filter.beforeId === undefined ? Number.MAX_SAFE_INTEGER : this.#seqOf(filter.beforeId);
    // The inbox is read first: a call that another process unpacks meanwhile is then found twice,
    // not missed, and is shown once.
    const waiting =
      states.length === 0 || states.includes('queued')
        ? this.#inbox.list({ ...filter, functionName: functionName ?? null, beforeSeq })
        : [];
    const rows = this.#rowsOf(filter, beforeSeq).map((row) => ({
      seq: row.seq,
      invocation: invocationOf(row),
    }));
    const found = new Map([...waiting, ...rows].map((entry) => [entry.invocation.id, entry]));
    return [...found.values()]
      .toSorted((a, b) => b.seq - a.seq)
      .slice(0, filter.limit)
      .map(({ invocation }) => invocation);
  }

  /**
   * The place of an invocation in the order of acceptance, which does not change; 0 for an unknown
   * id.
   */
  #seqOf(id: string): number {
    return (this.#rowOf(id) ?? this.#inbox.findCall(id) ?? this.#rowOf(id))?.seq ?? 0;
  }

  #rowsOf(filter: ListFilter, beforeSeq: number): readonly InvocationRow[] {
    const { listAll, listOfFunction, listOfState } = this.#statements;
    const states = filter.states ?? [];
    const span = [
      beforeSeq,
      filter.acceptedAfterMs ?? 0,
      filter.acceptedBeforeMs ?? Number.MAX_SAFE_INTEGER,
    ] as const;
    if (states.length === 0) {
      return assumeType<InvocationRow[]>(
        filter.functionName === undefined
          ? listAll.all(...span, filter.limit)
          : listOfFunction.all(filter.functionName, ...span, filter.limit),
      );
    }
    const functionName = filter.functionName ?? null;
    // Each state is queried by its index and the results are merged, so that a few failed
    // invocations are found quickly among a million succeeded ones.
    return [...new Set(states)].flatMap((state) =>
      assumeType<InvocationRow[]>(
        listOfState.all(state, functionName, functionName, ...span, filter.limit),
      ),
    );
  }

  stats(nowMs: number): FunctionStats[] {
    const byFunction = new Map<string, Counts>();
    for (const row of this.#statements.counts.all()) {
      const name = String(row['function_name']);
      const counts = byFunction.get(name) ?? noCounts();
      const state = assumeType<InvocationStateName | 'inbox'>(row['state']);
      counts[state === 'inbox' ? 'queued' : state] += Number(row['amount']);
      byFunction.set(name, counts);
    }
    return Array.from(byFunction, ([functionName, counts]) => ({
      ...this.#kindOf(functionName),
      functionName,
      counts,
      oldestDueMs: this.#oldestDueMs(functionName, nowMs),
    }));
  }

  /** The age of the oldest due invocation of a function, ms. */
  #oldestDueMs(functionName: string, nowMs: number): number | undefined {
    const oldestRow = this.#statements.oldestDue.get(functionName, nowMs);
    const dueAtMs = [
      oldestRow?.['available_at_ms'],
      this.#inbox.oldestDueAtMs(functionName, nowMs),
    ].filter((atMs) => atMs !== undefined);
    return dueAtMs.length === 0 ? undefined : nowMs - Math.min(...dueAtMs.map(Number));
  }

  #kindOf(functionName: string): InvocationKind {
    const row = assumeType<InvocationRow | undefined>(this.#statements.anyOf.get(functionName));
    // A function without rows has only calls in the inbox.
    return row === undefined ? { kind: 'call' } : kindOf(row);
  }

  nextAvailableAtMs(afterMs = Number.MIN_SAFE_INTEGER): number | undefined {
    const times = [this.#statements.next.get(afterMs)?.['next'], this.#inbox.oldestAtMs()].filter(
      (atMs) => typeof atMs === 'number' && atMs > afterMs,
    );
    return times.length === 0 ? undefined : Math.min(...times.map(Number));
  }
}

function noCounts(): Counts {
  return assumeType<Counts>(Object.fromEntries(invocationStates.map((state) => [state, 0])));
}

function prepareStatements(db: DatabaseSync) {
  return {
    byId: db.prepare('SELECT * FROM invocations WHERE id = ?'),
    payload: db.prepare('SELECT payload FROM invocations JOIN payloads USING (seq) WHERE id = ?'),
    attempts: db.prepare('SELECT * FROM attempts WHERE seq = ? ORDER BY ordinal'),
    listAll: db.prepare(
      `SELECT * FROM invocations WHERE seq < ? AND accepted_at_ms BETWEEN ? AND ?
       ORDER BY seq DESC LIMIT ?`,
    ),
    listOfFunction: db.prepare(
      `SELECT * FROM invocations WHERE function_name = ? AND seq < ?
         AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`,
    ),
    listOfState: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_by_state
       WHERE state = ? AND (? IS NULL OR function_name = ?)
         AND seq < ? AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`,
    ),
    counts: db.prepare('SELECT function_name, state, amount FROM counts WHERE amount > 0'),
    anyOf: db.prepare('SELECT outcome_of FROM invocations WHERE function_name = ? LIMIT 1'),
    oldestDue: db.prepare(
      `SELECT available_at_ms FROM invocations INDEXED BY invocations_due
       WHERE state = 'queued' AND function_name = ? AND available_at_ms <= ?
       ORDER BY available_at_ms LIMIT 1`,
    ),
    next: db.prepare(`SELECT min((
        SELECT available_at_ms FROM invocations INDEXED BY invocations_due
        WHERE state = 'queued' AND function_name = waiting.name AND available_at_ms > ?
        ORDER BY available_at_ms LIMIT 1
      )) AS next FROM (${queuedFunctionsSql}) AS waiting`),
  };
}
