import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { assumeType } from '../platform/assume-type.ts';
import { startDatabaseThread, type DatabaseThread } from '../sqlite/database-thread.ts';
import { LogBuffer } from './log-buffer.ts';
import type { PruneStep } from './log-database.ts';
import type { LogFilter, LogLine, LogStore, NewLogLine, PruneLimits } from './log-store.ts';
import type { LogThreadOptions } from './log-thread.ts';

export interface LogStoreOptions {
  /** Created with its directories when missing. */
  readonly file: string;
  /**
   * Called when lines cannot be kept: once, and again when that happens after they could. `read`
   * and `flush` reject with or without it.
   */
  readonly onProblem?: ((error: unknown) => void) | undefined;
  /** The most pages (4 KiB) that the file may have. Default: SQLite's own limit. */
  readonly maxPages?: number | undefined;
}

/** How long lines gather before they are written, ms: a person who follows the log does not notice. */
const gatherMs = 50;

/**
 * Opens the log lines in an SQLite file, in a thread of its own and in the background: `append`
 * works at once, and trouble with the file shows in `flush` and `read`. A damaged file is moved
 * aside and a new one begun.
 */
export function openLogStore(options: LogStoreOptions): LogStore {
  return new SqliteLogStore(options);
}

class SqliteLogStore implements LogStore {
  readonly #thread: Promise<DatabaseThread>;
  readonly #buffer = new LogBuffer();
  readonly #onProblem: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** Why the last batch could not be written. */
  #problem: Error | undefined;

  constructor(options: LogStoreOptions) {
    this.#onProblem = options.onProblem ?? (() => undefined);
    this.#thread = open(options);
    this.#thread.catch((error: unknown) => this.#trouble(error));
  }

  append(lines: readonly NewLogLine[]): void {
    for (const line of lines) {
      this.#buffer.add(line);
    }
    if (this.#timer === undefined && this.#writing === undefined) {
      this.#timer = setTimeout(() => this.#startWriting(), gatherMs);
    }
  }

  async flush(): Promise<void> {
    await this.#thread;
    do {
      this.#startWriting();
      await this.#writing;
      if (this.#problem !== undefined) {
        throw this.#problem;
      }
    } while (!this.#buffer.isEmpty);
  }

  async read(filter: LogFilter): Promise<readonly LogLine[]> {
    const thread = await this.#thread;
    return assumeType<readonly LogLine[]>(await thread.call('read', [filter]));
  }

  async prune(limits: PruneLimits): Promise<number> {
    const thread = await this.#thread;
    for (let total = 0; ;) {
      const step = assumeType<PruneStep>(await thread.call('prune', [limits]));
      total += step.deleted;
      if (!step.isFull) return total;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    let thread: DatabaseThread;
    try {
      thread = await this.#thread;
    } catch {
      // It never opened, as `flush`, `read` and `onProblem` have said.
      return;
    }
    // Lines that cannot be written now are lost; `onProblem` said why.
    await this.flush().catch(() => undefined);
    await thread.close();
  }

  #startWriting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /**
   * Writes batch after batch. Lines that come meanwhile gather in the buffer, which counts those
   * that it has no room for.
   */
  async #writeAll(): Promise<void> {
    while (!this.#buffer.isEmpty) {
      const batch = this.#buffer.take();
      try {
        const thread = await this.#thread;
        await thread.call('append', [batch]);
        this.#buffer.written(batch);
        this.#problem = undefined;
      } catch (error) {
        this.#buffer.lost(batch);
        this.#trouble(error);
        return;
      }
    }
  }

  #trouble(error: unknown): void {
    const isNew = this.#problem === undefined;
    this.#problem = error instanceof Error ? error : new Error(String(error));
    if (isNew) {
      this.#onProblem(error);
    }
  }
}

async function open(options: LogStoreOptions): Promise<DatabaseThread> {
  const file = path.resolve(options.file);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const threadOptions: LogThreadOptions = { file, maxPages: options.maxPages };
  return await startDatabaseThread(import.meta.url, 'log-thread', threadOptions);
}
