import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { assumeType } from '../platform/assume-type.ts';
import { levelNumbers } from './log-format.ts';
import type { LogFilter, LogLevel, LogLine, NewLogLine, PruneLimits } from './log-store.ts';

/** The result of one step of a prune. */
export interface PruneStep {
  readonly deleted: number;
  /** The step deleted as many lines as it may, so there may be more to delete. */
  readonly isFull: boolean;
}

/**
 * The maximum number of lines that one step of a prune deletes, so that appends and reads can run
 * between two steps.
 */
const pruneStepSize = 5000;

/** Reads and writes the log lines in their SQLite file, synchronously. */
export class LogDatabase {
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #pruneAge;
  readonly #pruneCount;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO lines (at_ms, function_name, invocation_id, attempt, stream, level, text)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#pruneAge = db.prepare(
      'DELETE FROM lines WHERE sequence IN (SELECT sequence FROM lines WHERE at_ms < ? LIMIT ?)',
    );
    // The difference of two sequences is a number of lines, because only pruning leaves gaps in the
    // sequence, and pruning deletes the oldest lines.
    this.#pruneCount = db.prepare(
      `DELETE FROM lines WHERE sequence IN (
         SELECT sequence FROM lines WHERE sequence <= (SELECT max(sequence) FROM lines) - ?
         ORDER BY sequence LIMIT ?)`,
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
    const clause = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const rows = this.#db
      .prepare(`SELECT * FROM lines ${clause} ORDER BY sequence DESC LIMIT ?`)
      .all(...values, filter.limit ?? -1);
    return assumeType<LineRow[]>(rows).toReversed().map(lineOf);
  }

  prune({ beforeMs, maxLines }: PruneLimits): PruneStep {
    let deleted = 0;
    if (beforeMs !== undefined) {
      deleted += Number(this.#pruneAge.run(beforeMs, pruneStepSize).changes);
    }
    if (maxLines !== undefined) {
      deleted += Number(this.#pruneCount.run(maxLines, pruneStepSize).changes);
    }
    return { deleted, isFull: deleted >= pruneStepSize };
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
    invocationId: row.invocation_id ?? undefined,
    attempt: row.attempt ?? undefined,
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
