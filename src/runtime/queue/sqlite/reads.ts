import type { DatabaseSync } from 'node:sqlite';
import { trusted } from '../../platform/assume-type.ts';
import type { Invocation, InvocationKind, InvocationState } from '../invocation.ts';
import type { FunctionStats, InvocationDetail, ListFilter, OwnerRecord } from '../store.ts';
import type { Inbox } from './inbox.ts';
import { attemptOf, invocationOf, kindOf, type AttemptRow, type InvocationRow } from './rows.ts';
import { queuedFunctionsSql } from './write-statements.ts';

/** Every question to the queue, synchronously. */
export class QueueReads {
  readonly #statements: ReturnType<typeof prepare>;

  readonly #inbox: Inbox;

  constructor(db: DatabaseSync, inbox: Inbox) {
    this.#statements = prepare(db);
    this.#inbox = inbox;
  }

  get(id: string): InvocationDetail | undefined {
    const row = this.#rowOf(id);
    if (row === undefined) {
      const invocation = this.#inbox.findCall(id)?.invocation;
      // Another process may have made a row of it between the two looks.
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
    return trusted<{ readonly payload: Uint8Array } | undefined>(this.#statements.payload.get(id))
      ?.payload;
  }

  #rowOf(id: string): InvocationRow | undefined {
    return trusted<InvocationRow | undefined>(this.#statements.byId.get(id));
  }

  #detailOf(row: InvocationRow | undefined): InvocationDetail | undefined {
    if (row === undefined) return undefined;
    const attempts = trusted<AttemptRow[]>(this.#statements.attempts.all(row.seq));
    return { invocation: invocationOf(row), attempts: attempts.map(attemptOf) };
  }

  list(filter: ListFilter): Invocation[] {
    const { functionName, states = [] } = filter;
    const beforeSeq =
      filter.beforeId === undefined ? Number.MAX_SAFE_INTEGER : this.#seqOf(filter.beforeId);
    // The inbox first: what becomes a row meanwhile is seen twice, and shown once.
    const waiting =
      states.length === 0 || states.includes('queued')
        ? this.#inbox.list({ ...filter, functionName: functionName ?? null, beforeSeq })
        : [];
    const rows = this.#rowsOf(filter, beforeSeq).map((row) => ({
      seq: row.seq,
      invocation: invocationOf(row),
    }));
    const found = new Map([...waiting, ...rows].map((one) => [one.invocation.id, one]));
    return [...found.values()]
      .toSorted((a, b) => b.seq - a.seq)
      .slice(0, filter.limit)
      .map(({ invocation }) => invocation);
  }

  /** Its place in the order of acceptance, which it keeps when it becomes a row. 0: there is none. */
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
      return trusted<InvocationRow[]>(
        filter.functionName === undefined
          ? listAll.all(...span, filter.limit)
          : listOfFunction.all(filter.functionName, ...span, filter.limit),
      );
    }
    const functionName = filter.functionName ?? null;
    // State by state, each along its index; then merged. So the few failed ones are found at once among a million that succeeded.
    return [...new Set(states)].flatMap((state) =>
      trusted<InvocationRow[]>(
        listOfState.all(state, functionName, functionName, ...span, filter.limit),
      ),
    );
  }

  stats(nowMs: number): FunctionStats[] {
    const byFunction = new Map<string, Record<InvocationState['state'], number>>();
    for (const row of this.#statements.counts.all()) {
      const name = String(row['function_name']);
      const counts = byFunction.get(name) ?? {
        queued: 0,
        running: 0,
        succeeded: 0,
        failed: 0,
        cancelled: 0,
      };
      const state = trusted<InvocationState['state'] | 'inbox'>(row['state']);
      counts[state === 'inbox' ? 'queued' : state] += Number(row['amount']);
      byFunction.set(name, counts);
    }
    return Array.from(byFunction, ([functionName, counts]) => {
      const dueAtMs = [
        this.#statements.oldestDue.get(functionName, nowMs)?.['available_at_ms'],
        this.#inbox.oldestDueAtMs(functionName, nowMs),
      ]
        .filter((atMs) => atMs !== undefined)
        .map(Number);
      const kind = this.#kindOf(functionName);
      return dueAtMs.length === 0
        ? { ...kind, functionName, counts }
        : { ...kind, functionName, counts, oldestDueMs: nowMs - Math.min(...dueAtMs) };
    });
  }

  #kindOf(functionName: string): InvocationKind {
    const row = trusted<InvocationRow | undefined>(this.#statements.anyOf.get(functionName));
    // What has no row yet is in the inbox, where only calls are.
    return row === undefined ? { kind: 'call' } : kindOf(row);
  }

  nextAvailableAtMs(afterMs = Number.MIN_SAFE_INTEGER): number | undefined {
    const times = [this.#statements.next.get(afterMs)?.['next'], this.#inbox.oldestAtMs()].filter(
      (atMs) => typeof atMs === 'number' && atMs > afterMs,
    );
    return times.length === 0 ? undefined : Math.min(...times.map(Number));
  }

  owners(): OwnerRecord[] {
    return this.#statements.owners.all().map((row) => ({
      id: String(row['id']),
      place: String(row['place']),
      pid: Number(row['pid']),
      processStart: String(row['process_start']),
      registeredAtMs: Number(row['registered_at_ms']),
    }));
  }
}

function prepare(db: DatabaseSync) {
  return {
    byId: db.prepare('SELECT * FROM invocations WHERE id = ?'),
    payload: db.prepare('SELECT payload FROM invocations JOIN payloads USING (seq) WHERE id = ?'),
    attempts: db.prepare('SELECT * FROM attempts WHERE seq = ? ORDER BY ordinal'),
    listAll: db.prepare(
      'SELECT * FROM invocations WHERE seq < ? AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?',
    ),
    listOfFunction: db.prepare(
      'SELECT * FROM invocations WHERE function_name = ? AND seq < ? AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?',
    ),
    listOfState: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_by_state WHERE state = ? AND (? IS NULL OR function_name = ?)
       AND seq < ? AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`,
    ),
    counts: db.prepare('SELECT function_name, state, amount FROM counts WHERE amount > 0'),
    anyOf: db.prepare('SELECT outcome_of FROM invocations WHERE function_name = ? LIMIT 1'),
    oldestDue: db.prepare(
      `SELECT available_at_ms FROM invocations INDEXED BY invocations_due WHERE state = 'queued' AND function_name = ? AND available_at_ms <= ? ORDER BY available_at_ms LIMIT 1`,
    ),
    next: db.prepare(`SELECT min((
        SELECT available_at_ms FROM invocations INDEXED BY invocations_due
        WHERE state = 'queued' AND function_name = waiting.name AND available_at_ms > ? ORDER BY available_at_ms LIMIT 1
      )) AS next FROM (${queuedFunctionsSql}) AS waiting`),
    owners: db.prepare('SELECT * FROM owners'),
  };
}
