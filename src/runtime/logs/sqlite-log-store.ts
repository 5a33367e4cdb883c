import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { assumeType } from '../platform/assume-type.ts';
import { startDatabaseThread, type DatabaseThread } from '../sqlite/database-thread.ts';
import { LogBuffer } from './log-buffer.ts';
import type { PruneStep } from './log-database.ts';
import type { LogFilter, LogLine, LogStore, NewLogLine, PruneLimits } from './log-store.ts';
import type { LogThreadOptions } from './log-thread.ts';

export interface LogStoreOptions {
  /** The SQLite file. The file and its directories are created if they are missing. */
  readonly file: string;
  /**
   * Called when lines cannot be written. After the first call, it is called again only if lines
   * were written in the meantime. `read` and `flush` reject with or without this callback.
   */
  readonly onProblem?: ((error: unknown) => void) | undefined;
  /** The maximum number of pages (4 KiB) of the file. Default: SQLite's own limit. */
  readonly maxPages?: number | undefined;
}

/**
 * How long lines are collected before they are written, in ms. The delay is too short to be noticed
 * by a person who follows the log.
 */
const gatherMs = 50;

/**
 * Opens a log store in an SQLite file. The file is opened in the background, in a thread of its
 * own: `append` works at once, and problems with the file are reported by `flush` and `read`. A
 * damaged file is renamed and a new file is created.
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
      // The file could not be opened. `flush`, `read` and `onProblem` have reported this.
      return;
    }
    // Lines that cannot be written now are lost. `onProblem` has reported the reason.
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
   * Writes the lines of the buffer, batch after batch. Lines that are appended meanwhile wait in
   * the buffer, which counts the lines that it has no room for.
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
