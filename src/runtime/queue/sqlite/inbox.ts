import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../../diagnostic/system-error.ts';
import { assumeType } from '../../platform/assume-type.ts';
import type { Invocation } from '../invocation.ts';
import type { ListFilter, NewCall } from '../store.ts';
import * as transitions from '../transitions.ts';
import { callsOf, type CallGroup } from './call-group.ts';

/** A group that was removed from the inbox, with its calls. */
export interface TakenGroup {
  /** The number of the first call; the other calls have the following numbers. */
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly calls: readonly NewCall[];
  readonly bytes: number;
}

/** A call in the inbox, in the form of the queued invocation that it will become. */
export interface InboxCall {
  readonly seq: number;
  readonly invocation: Invocation;
}

interface InboxFilter extends Pick<ListFilter, 'acceptedAfterMs' | 'acceptedBeforeMs' | 'limit'> {
  readonly functionName: string | null;
  readonly beforeSeq: number;
}

interface InboxRow {
  readonly seq: number;
  readonly function_name: string;
  readonly accepted_at_ms: number;
  readonly amount: number;
  readonly calls: Uint8Array;
}

/**
 * The table `inbox`, the first place of a flood of calls. A group of calls is one row, so a single
 * call adds little to the work of a commit and to its wait for the disk. `QueueInserts` unpacks
 * groups into rows of `invocations` when their calls are claimed or cancelled, or when the store is
 * idle. Until then `counts` has these calls under the state `inbox`. Each call has its place in the
 * order of acceptance already, because a group takes as many numbers as it has calls.
 */
export class Inbox {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(db: DatabaseSync) {
    this.#statements = prepareStatements(db);
  }

  /**
   * The next number that is free in the inbox and in `invocations`. `undefined` while the inbox is
   * empty: then SQLite assigns the number of a new row of `invocations`.
   */
  get nextSeq(): number | undefined {
    const last = assumeType<Pick<InboxRow, 'seq' | 'amount'> | undefined>(
      this.#statements.last.get(),
    );
    return last === undefined ? undefined : Math.max(last.seq + last.amount, this.#firstFree());
  }

  #firstFree(): number {
    return Number(this.#statements.lastInvocation.get()?.['seq'] ?? 0) + 1;
  }

  isEmpty(): boolean {
    return this.#statements.last.get() === undefined;
  }

  put({ functionName, bytes, size }: CallGroup, nowMs: number): void {
    this.#statements.put.run(this.nextSeq ?? this.#firstFree(), functionName, nowMs, size, bytes);
    this.#statements.count.run(functionName, size);
  }

  /** The time at which the oldest call was accepted, ms. */
  oldestAtMs(): number | undefined {
    return assumeType<Pick<InboxRow, 'accepted_at_ms'> | undefined>(this.#statements.oldestAt.get())
      ?.accepted_at_ms;
  }

  /**
   * The time at which the oldest due call of a function was accepted, ms. A call that was accepted
   * before the clock was set back is not due yet and is skipped.
   */
  oldestDueAtMs(functionName: string, nowMs: number): number | undefined {
    return assumeType<Pick<InboxRow, 'accepted_at_ms'> | undefined>(
      this.#statements.oldestDueAtOf.get(functionName, nowMs),
    )?.accepted_at_ms;
  }

  /** Removes the oldest group from the inbox and from its count. */
  take(): TakenGroup | undefined {
    return this.#takeRow(this.#statements.oldest.get());
  }

  /** Removes the oldest due group of a function. */
  takeDue(functionName: string, nowMs: number): TakenGroup | undefined {
    return this.#takeRow(this.#statements.oldestDueOf.get(functionName, nowMs));
  }

  /** Removes the group that contains this call. */
  takeWith(id: string): TakenGroup | undefined {
    const seq = this.#rowWith(id)?.seq;
    return seq === undefined ? undefined : this.#takeRow(this.#statements.bySeq.get(seq));
  }

  findCall(id: string): InboxCall | undefined {
    const row = this.#rowWith(id);
    return row === undefined
      ? undefined
      : shownCalls(row).find(({ invocation }) => invocation.id === id);
  }

  payloadOf(id: string): Uint8Array | undefined {
    const row = this.#rowWith(id);
    const payload =
      row === undefined ? undefined : readGroup(row).find((call) => call.id === id)?.payload;
    // A copy, so that the message to the main thread does not contain the payloads of the whole
    // group.
    return payload?.slice();
  }

  /** The calls that match the filter, newest first. */
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
      const calls = shownCalls(assumeType<InboxRow>(row)).filter(({ seq }) => seq < beforeSeq);
      found.push(...calls.toReversed());
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  #rowWith(id: string): InboxRow | undefined {
    const wanted = Buffer.from(JSON.stringify(id));
    for (const found of this.#statements.all.iterate()) {
      const row = assumeType<InboxRow>(found);
      const bytes = Buffer.from(row.calls.buffer, row.calls.byteOffset, row.calls.byteLength);
      // The bytes may contain the id in a payload only, so the calls are checked as well.
      if (
        bytes.includes(wanted) &&
        shownCalls(row).some(({ invocation }) => invocation.id === id)
      ) {
        return row;
      }
    }
    return undefined;
  }

  #takeRow(found: unknown): TakenGroup | undefined {
    const row = assumeType<InboxRow | undefined>(found);
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

/**
 * The calls of a row for reads. An unreadable group is omitted; the claim that needs its calls
 * reports the error.
 */
function shownCalls(row: InboxRow): readonly InboxCall[] {
  try {
    return readGroup(row).map((call, index) => ({
      seq: row.seq + index,
      invocation: transitions.create(call, row.accepted_at_ms),
    }));
  } catch {
    return [];
  }
}

function readGroup({
  seq,
  function_name: functionName,
  amount,
  calls,
}: InboxRow): readonly NewCall[] {
  try {
    const unpacked = callsOf(functionName, calls);
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

function prepareStatements(db: DatabaseSync) {
  return {
    last: db.prepare('SELECT seq, amount FROM inbox ORDER BY seq DESC LIMIT 1'),
    lastInvocation: db.prepare('SELECT max(seq) AS seq FROM invocations'),
    put: db.prepare(
      `INSERT INTO inbox (seq, function_name, accepted_at_ms, amount, calls)
       VALUES (?, ?, ?, ?, ?)`,
    ),
    oldest: db.prepare('SELECT * FROM inbox ORDER BY seq LIMIT 1'),
    oldestDueOf: db.prepare(
      `SELECT * FROM inbox INDEXED BY inbox_by_function
       WHERE function_name = ? AND accepted_at_ms <= ? ORDER BY seq LIMIT 1`,
    ),
    oldestAt: db.prepare('SELECT accepted_at_ms FROM inbox ORDER BY seq LIMIT 1'),
    oldestDueAtOf: db.prepare(
      `SELECT accepted_at_ms FROM inbox INDEXED BY inbox_by_function
       WHERE function_name = ? AND accepted_at_ms <= ? ORDER BY seq LIMIT 1`,
    ),
    bySeq: db.prepare('SELECT * FROM inbox WHERE seq = ?'),
    all: db.prepare('SELECT * FROM inbox'),
    newest: db.prepare(
      `SELECT * FROM inbox WHERE (? IS NULL OR function_name = ?) AND seq < ?
         AND accepted_at_ms BETWEEN ? AND ? ORDER BY seq DESC`,
    ),
    drop: db.prepare('DELETE FROM inbox WHERE seq = ?'),
    count: db.prepare(
      `INSERT INTO counts VALUES (?, 'inbox', ?)
       ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
    ),
  };
}
