import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../../diagnostic/system-error.ts';
import { trusted } from '../../platform/assume-type.ts';
import type { Invocation } from '../invocation.ts';
import type { ListFilter, NewCall } from '../store.ts';
import * as transitions from '../transitions.ts';
import { unpackCalls, type PackedCalls } from './call-group.ts';

/** A group that was taken out. */
export interface InboxGroup {
  /** Of its first call; the others follow. */
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly calls: readonly NewCall[];
  readonly bytes: number;
}

/** A call that is no invocation of its own yet, as the queued invocation that it will be. */
export interface InboxCall {
  readonly seq: number;
  readonly invocation: Invocation;
}

interface InboxFilter extends Pick<ListFilter, 'acceptedAfterMs' | 'acceptedBeforeMs' | 'limit'> {
  readonly functionName: string | null;
  readonly beforeSeq: number;
}

interface Row {
  readonly seq: number;
  readonly function_name: string;
  readonly accepted_at_ms: number;
  readonly amount: number;
  readonly calls: Uint8Array;
}

/**
 * Where a flood of calls is kept at first: a group of them is one row, so that accepting one costs
 * next to nothing, and so does the wait for the disk. They become rows of their own when they are
 * claimed or cancelled, or when nothing else is to do (`Intake`). Until then `counts` has them
 * under a state of its own, and each has its place in the order of acceptance: a group takes as
 * many numbers as it has calls.
 */
export class Inbox {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db);
  }

  /**
   * The first number that nobody has, in here or among the invocations; `undefined` while the inbox
   * is empty: then the table of invocations knows.
   */
  get nextSeq(): number | undefined {
    const last = trusted<Pick<Row, 'seq' | 'amount'> | undefined>(this.#statements.last.get());
    return last === undefined ? undefined : Math.max(last.seq + last.amount, this.#firstFree());
  }

  #firstFree(): number {
    return Number(this.#statements.lastInvocation.get()?.['seq'] ?? 0) + 1;
  }

  isEmpty(): boolean {
    return this.#statements.last.get() === undefined;
  }

  put({ functionName, group, size }: PackedCalls, nowMs: number): void {
    this.#statements.put.run(this.nextSeq ?? this.#firstFree(), functionName, nowMs, size, group);
    this.#statements.count.run(functionName, size);
  }

  /** When the oldest call came, ms. */
  oldestAtMs(): number | undefined {
    return trusted<Pick<Row, 'accepted_at_ms'> | undefined>(this.#statements.oldestAt.get())
      ?.accepted_at_ms;
  }

  /**
   * When the oldest due call of a function came, ms. What came before the clock was set back is not
   * due, and is passed over.
   */
  oldestDueAtMs(functionName: string, nowMs: number): number | undefined {
    return trusted<Pick<Row, 'accepted_at_ms'> | undefined>(
      this.#statements.oldestDueAtOf.get(functionName, nowMs),
    )?.accepted_at_ms;
  }

  /** Takes out the oldest group; its calls are no longer counted here. */
  take(): InboxGroup | undefined {
    return this.#takeRow(this.#statements.oldest.get());
  }

  /** Takes out the oldest due group of a function. */
  takeDue(functionName: string, nowMs: number): InboxGroup | undefined {
    return this.#takeRow(this.#statements.oldestDueOf.get(functionName, nowMs));
  }

  /** Takes out the group that the call is in. */
  takeWith(id: string): InboxGroup | undefined {
    const seq = this.#rowWith(id)?.seq;
    return seq === undefined ? undefined : this.#takeRow(this.#statements.bySeq.get(seq));
  }

  findCall(id: string): InboxCall | undefined {
    const row = this.#rowWith(id);
    return row === undefined
      ? undefined
      : callsIn(row).find(({ invocation }) => invocation.id === id);
  }

  payloadOf(id: string): Uint8Array | undefined {
    const row = this.#rowWith(id);
    const payload =
      row === undefined ? undefined : readGroup(row).find((call) => call.id === id)?.payload;
    // Of its own: the others of its group are no business of the reader's.
    return payload?.slice();
  }

  /** The newest first. */
  list({
    functionName,
    beforeSeq,
    acceptedAfterMs = 0,
    acceptedBeforeMs = Number.MAX_SAFE_INTEGER,
    limit,
  }: InboxFilter): readonly InboxCall[] {
    const found: InboxCall[] = [];
    for (const row of this.#statements.newest.iterate(
      functionName,
      functionName,
      beforeSeq,
      acceptedAfterMs,
      acceptedBeforeMs,
    )) {
      const calls = callsIn(trusted<Row>(row)).filter(({ seq }) => seq < beforeSeq);
      found.push(...calls.toReversed());
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  #rowWith(id: string): Row | undefined {
    const wanted = Buffer.from(JSON.stringify(id));
    for (const one of this.#statements.all.iterate()) {
      const row = trusted<Row>(one);
      const bytes = Buffer.from(row.calls.buffer, row.calls.byteOffset, row.calls.byteLength);
      // A payload may hold the same text.
      if (bytes.includes(wanted) && callsIn(row).some(({ invocation }) => invocation.id === id)) {
        return row;
      }
    }
    return undefined;
  }

  #takeRow(taken: unknown): InboxGroup | undefined {
    const row = trusted<Row | undefined>(taken);
    if (row === undefined) return undefined;
    this.#statements.drop.run(row.seq);
    this.#statements.count.run(row.function_name, -row.amount);
    return {
      seq: row.seq,
      acceptedAtMs: row.accepted_at_ms,
      calls: readGroup(row),
      bytes: row.calls.byteLength,
    };
  }
}

/** To be shown. What cannot be read is left out: the claim that wants it says so. */
function callsIn(row: Row): readonly InboxCall[] {
  try {
    return readGroup(row).map((call, index) => ({
      seq: row.seq + index,
      invocation: transitions.accept(call, row.accepted_at_ms),
    }));
  } catch {
    return [];
  }
}

function readGroup({ seq, function_name: functionName, amount, calls }: Row): readonly NewCall[] {
  try {
    const unpacked = unpackCalls(functionName, calls);
    if (unpacked.length !== amount) {
      throw new Error(`it has ${unpacked.length} calls in place of ${amount}`);
    }
    return unpacked;
  } catch (error) {
    throw new Error(
      `The queue store is damaged: row ${seq} of its inbox, with ${amount} calls of ${functionName}, cannot be read: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

function prepare(db: DatabaseSync) {
  return {
    last: db.prepare('SELECT seq, amount FROM inbox ORDER BY seq DESC LIMIT 1'),
    lastInvocation: db.prepare('SELECT max(seq) AS seq FROM invocations'),
    put: db.prepare(
      'INSERT INTO inbox (seq, function_name, accepted_at_ms, amount, calls) VALUES (?, ?, ?, ?, ?)',
    ),
    oldest: db.prepare('SELECT * FROM inbox ORDER BY seq LIMIT 1'),
    oldestDueOf: db.prepare(
      'SELECT * FROM inbox INDEXED BY inbox_by_function WHERE function_name = ? AND accepted_at_ms <= ? ORDER BY seq LIMIT 1',
    ),
    oldestAt: db.prepare('SELECT accepted_at_ms FROM inbox ORDER BY seq LIMIT 1'),
    oldestDueAtOf: db.prepare(
      'SELECT accepted_at_ms FROM inbox INDEXED BY inbox_by_function WHERE function_name = ? AND accepted_at_ms <= ? ORDER BY seq LIMIT 1',
    ),
    bySeq: db.prepare('SELECT * FROM inbox WHERE seq = ?'),
    all: db.prepare('SELECT * FROM inbox'),
    newest: db.prepare(
      'SELECT * FROM inbox WHERE (? IS NULL OR function_name = ?) AND seq < ? AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC',
    ),
    drop: db.prepare('DELETE FROM inbox WHERE seq = ?'),
    count: db.prepare(
      `INSERT INTO counts VALUES (?, 'inbox', ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
    ),
  };
}
