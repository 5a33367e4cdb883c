import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { assumeType } from '../platform/assume-type.ts';
import { levelNumbers } from './log-format.ts';
import type { LogFilter, LogLevel, LogLine, NewLogLine } from './log-store.ts';

/** One prune deletes at most so many lines, so that appends and reads get their turn in between. */
export const pruneStep = 5000;

/** Log lines in SQLite, synchronously. */
export class LogDatabase {
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #pruneAge;
  readonly #pruneCount;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      'INSERT INTO lines (at_ms, function_name, invocation_id, attempt, stream, level, text) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#pruneAge = db.prepare(
      'DELETE FROM lines WHERE sequence IN (SELECT sequence FROM lines WHERE at_ms < ? LIMIT ?)',
    );
    // Sequences have gaps only where lines were pruned, and those were the oldest.
    this.#pruneCount = db.prepare(
      'DELETE FROM lines WHERE sequence IN (SELECT sequence FROM lines WHERE sequence <= (SELECT max(sequence) FROM lines) - ? ORDER BY sequence LIMIT ?)',
    );
  }

  append(lines: readonly NewLogLine[]): void {
    for (const line of lines) {
      this.#insert.run(
        line.atMs,
        line.functionName,
        line.invocationId ?? null,
        line.attempt ?? null,
        line.stream,
        levelNumbers[line.level],
        line.text,
      );
    }
  }

  read(filter: LogFilter): LogLine[] {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const where = (condition: string, value: SQLInputValue | undefined) => {
      if (value !== undefined) {
        conditions.push(condition);
        values.push(value);
      }
    };
    where('function_name = ?', filter.functionName);
    where('invocation_id = ?', filter.invocationId);
    where('level >= ?', filter.minLevel === undefined ? undefined : levelNumbers[filter.minLevel]);
    where('at_ms >= ?', filter.sinceMs);
    where('at_ms <= ?', filter.untilMs);
    where('sequence > ?', filter.afterSequence);
    const rows = this.#db
      .prepare(
        `SELECT * FROM lines ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY sequence DESC LIMIT ?`,
      )
      .all(...values, filter.limit ?? -1);
    return assumeType<LineRow[]>(rows).toReversed().map(lineOf);
  }

  /** One step; gives back how many lines it deleted. */
  prune(limits: { readonly beforeMs?: number; readonly maxLines?: number }): number {
    const byAge =
      limits.beforeMs === undefined
        ? 0
        : Number(this.#pruneAge.run(limits.beforeMs, pruneStep).changes);
    const byCount =
      limits.maxLines === undefined
        ? 0
        : Number(this.#pruneCount.run(limits.maxLines, pruneStep).changes);
    return byAge + byCount;
  }
}

interface LineRow {
  readonly sequence: number;
  readonly at_ms: number;
  readonly function_name: string;
  readonly invocation_id: string | null;
  readonly attempt: number | null;
  readonly stream: LogLine['stream'];
  readonly level: number;
  readonly text: string;
}

function lineOf(row: LineRow): LogLine {
  return {
    sequence: row.sequence,
    atMs: row.at_ms,
    functionName: row.function_name,
    ...(row.invocation_id === null ? {} : { invocationId: row.invocation_id }),
    ...(row.attempt === null ? {} : { attempt: row.attempt }),
    stream: row.stream,
    level: levelOf(row.level),
    text: row.text,
  };
}

function levelOf(stored: number): LogLevel {
  if (stored >= levelNumbers.error) {
    return 'error';
  }
  if (stored >= levelNumbers.warn) {
    return 'warn';
  }
  return stored >= levelNumbers.info ? 'info' : 'debug';
}
