import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../diagnostic/system-error.ts';
import { MediumUnavailableError } from '../../sqlite/thread-protocol.ts';
import { trusted } from '../../sqlite/trusted.ts';
import type { NewInvocation } from '../store.ts';
import { unpackCalls } from './packed-calls.ts';
import type { PackedCalls } from './packed-calls.ts';

export interface InboxGroup {
  readonly acceptedAtMs: number;
  readonly calls: readonly NewInvocation[];
  readonly bytes: number;
}

/**
 * Where a flood of calls is kept at first: a group of them is one row, so that accepting one costs next to nothing, and so does the wait for the disk.
 * They become rows of their own (`QueueWrites.settle`) before anything else wants to see them; until then `counts` has them under a state of their own.
 */
export class Inbox {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db);
  }

  isEmpty(): boolean {
    return this.#statements.first.get() === undefined;
  }

  /** Whether it holds a call of a function that has free slots. */
  hasAny(free: Readonly<Record<string, number>>): boolean {
    return !this.isEmpty() && this.#statements.functions.all().some(({ name }) => Object.hasOwn(free, String(name)));
  }

  put({ group, amounts }: PackedCalls, nowMs: number): void {
    this.#statements.put.run(nowMs, JSON.stringify(amounts), group);
    this.#count(amounts, 1);
  }

  /** Takes out the oldest group, its calls no longer counted. */
  take(): InboxGroup | undefined {
    const row = trusted<{ seq: number; accepted_at_ms: number; amounts: string; calls: Uint8Array } | undefined>(this.#statements.oldest.get());
    if (row === undefined) return undefined;
    this.#statements.drop.run(row.seq);
    this.#count(trusted<PackedCalls['amounts']>(JSON.parse(row.amounts)), -1);
    return { acceptedAtMs: row.accepted_at_ms, calls: readGroup(row.seq, row.calls), bytes: row.calls.byteLength };
  }

  #count(amounts: PackedCalls['amounts'], sign: 1 | -1): void {
    for (const [functionName, amount] of Object.entries(amounts)) this.#statements.count.run(functionName, sign * amount);
  }
}

function readGroup(seq: number, group: Uint8Array): readonly NewInvocation[] {
  try {
    return unpackCalls(group);
  } catch (error) {
    throw new MediumUnavailableError(`The queue store is damaged: the calls in row ${seq} of its inbox cannot be read (${messageOf(error)}).`);
  }
}

function prepare(db: DatabaseSync) {
  return {
    first: db.prepare('SELECT seq FROM inbox LIMIT 1'),
    put: db.prepare('INSERT INTO inbox (accepted_at_ms, amounts, calls) VALUES (?, ?, ?)'),
    oldest: db.prepare('SELECT * FROM inbox ORDER BY seq LIMIT 1'),
    drop: db.prepare('DELETE FROM inbox WHERE seq = ?'),
    count: db.prepare(`INSERT INTO counts VALUES (?, 'inbox', ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`),
    functions: db.prepare(`SELECT function_name AS name FROM counts WHERE state = 'inbox' AND amount > 0`),
  };
}
