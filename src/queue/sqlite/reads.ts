import type { DatabaseSync } from 'node:sqlite';
import type { Invocation, InvocationState } from '../invocation.ts';
import type { FunctionStats, InvocationDetail, ListFilter, OwnerRecord } from '../store.ts';
import { trusted } from '../../sqlite/trusted.ts';
import { attemptOf, invocationOf } from './rows.ts';
import type { AttemptRow, InvocationRow } from './rows.ts';
import { queuedFunctionsSql } from './write-statements.ts';

/** Every question to the queue, synchronously. */
export class QueueReads {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db);
  }

  get(id: string): InvocationDetail | undefined {
    const row = trusted<InvocationRow | undefined>(this.#statements.byId.get(id));
    if (row === undefined) {
      return undefined;
    }
    const attempts = trusted<AttemptRow[]>(this.#statements.attempts.all(row.seq));
    return { invocation: invocationOf(row), attempts: attempts.map(attemptOf) };
  }

  list(filter: ListFilter): Invocation[] {
    const { listAll, listOfFunction, listOfState } = this.#statements;
    const states = filter.states ?? [];
    const span = [filter.acceptedAfterMs ?? 0, filter.acceptedBeforeMs ?? Number.MAX_SAFE_INTEGER] as const;
    if (states.length === 0) {
      const rows = filter.functionName === undefined ? listAll.all(...span, filter.limit) : listOfFunction.all(filter.functionName, ...span, filter.limit);
      return trusted<InvocationRow[]>(rows).map(invocationOf);
    }
    const functionName = filter.functionName ?? null;
    // State by state, each along its index; then merged. So the few failed ones are found at once among a million that succeeded.
    const rows = [...new Set(states)].flatMap(
      (state) => trusted<InvocationRow[]>(listOfState.all(state, functionName, functionName, ...span, filter.limit)),
    );
    return rows
      .toSorted((a, b) => b.seq - a.seq)
      .slice(0, filter.limit)
      .map(invocationOf);
  }

  stats(nowMs: number): FunctionStats[] {
    const inInbox = new Set<string>();
    const byFunction = new Map<string, Record<InvocationState['state'], number>>();
    for (const row of this.#statements.counts.all()) {
      const name = String(row['function_name']);
      const counts = byFunction.get(name) ?? { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
      const state = trusted<InvocationState['state'] | 'inbox'>(row['state']);
      if (state === 'inbox') inInbox.add(name);
      counts[state === 'inbox' ? 'queued' : state] += Number(row['amount']);
      byFunction.set(name, counts);
    }
    return Array.from(byFunction, ([functionName, counts]) => {
      const { oldestDue, oldestInInbox } = this.#statements;
      // What is in the inbox came later than all that left it.
      const row = oldestDue.get(functionName, nowMs) ?? (inInbox.has(functionName) ? oldestInInbox.get(functionName) : undefined);
      const oldest = row?.['at_ms'];
      return typeof oldest === 'number' ? { functionName, counts, oldestDueMs: nowMs - oldest } : { functionName, counts };
    });
  }

  nextAvailableAtMs(afterMs = Number.MIN_SAFE_INTEGER): number | undefined {
    const next = this.#statements.next.get(afterMs, afterMs)?.['next'];
    return typeof next === 'number' ? next : undefined;
  }

  /** Calls that are no invocations yet: see `QueueWrites.settle`. */
  hasInbox(): boolean {
    return this.#statements.inbox.get() !== undefined;
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
    attempts: db.prepare('SELECT * FROM attempts WHERE seq = ? ORDER BY ordinal'),
    listAll: db.prepare('SELECT * FROM invocations WHERE accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?'),
    listOfFunction: db.prepare('SELECT * FROM invocations WHERE function_name = ? AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?'),
    listOfState: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_by_state WHERE state = ? AND (? IS NULL OR function_name = ?)
       AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`,
    ),
    counts: db.prepare('SELECT function_name, state, amount FROM counts WHERE amount > 0'),
    oldestDue: db.prepare(
      `SELECT available_at_ms AS at_ms FROM invocations INDEXED BY invocations_due WHERE state = 'queued' AND function_name = ? AND available_at_ms <= ? ORDER BY available_at_ms LIMIT 1`,
    ),
    oldestInInbox: db.prepare('SELECT accepted_at_ms AS at_ms FROM inbox WHERE EXISTS (SELECT 1 FROM json_each(amounts) WHERE key = ?) ORDER BY seq LIMIT 1'),
    inbox: db.prepare('SELECT seq FROM inbox LIMIT 1'),
    next: db.prepare(`SELECT min(at_ms) AS next FROM (
        SELECT (
          SELECT available_at_ms FROM invocations INDEXED BY invocations_due
          WHERE state = 'queued' AND function_name = waiting.name AND available_at_ms > ? ORDER BY available_at_ms LIMIT 1
        ) AS at_ms FROM (${queuedFunctionsSql}) AS waiting
        UNION ALL SELECT * FROM (SELECT accepted_at_ms FROM inbox WHERE accepted_at_ms > ? ORDER BY seq LIMIT 1)
      )`),
    owners: db.prepare('SELECT * FROM owners'),
  };
}
