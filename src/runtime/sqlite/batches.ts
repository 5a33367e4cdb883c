import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import { assumeType } from '../platform/assume-type.ts';
import { corrupt, rollback, type DatabaseFormat } from './open-database.ts';
import { classifySqliteError } from './sqlite-error.ts';
import {
  encodeError,
  MediumUnavailableError,
  type ThreadAnswer,
  type ThreadRequest,
} from './thread-protocol.ts';

/**
 * How a method must be committed. `durable`: it is on the disk before it is answered. `soft`: a
 * power cut may undo it, but a crash of the process does not. `read`: it needs no transaction.
 */
export type MethodKind = 'durable' | 'soft' | 'read';

export interface DatabaseMethod {
  readonly kind: MethodKind;
  readonly run: (...args: never[]) => unknown;
}

/** Runs batches of requests, which share one transaction and one wait for the disk (group commit). */
export class Batches {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #format: DatabaseFormat;
  readonly #methods: Readonly<Record<string, DatabaseMethod>>;
  /** The inodes of the database, its write-ahead log and its shared index, by path. */
  readonly #inodes: ReadonlyMap<string, number | undefined>;
  #isLogSaved = false;
  #synchronous: 'FULL' | 'NORMAL' | undefined;

  constructor(
    db: DatabaseSync,
    file: string,
    format: DatabaseFormat,
    methods: Readonly<Record<string, DatabaseMethod>>,
  ) {
    this.#db = db;
    this.#file = file;
    this.#format = format;
    this.#methods = methods;
    this.#inodes = new Map(
      [file, `${file}-wal`, `${file}-shm`].map((part) => [part, inodeOf(part)]),
    );
  }

  run(requests: readonly ThreadRequest[]): readonly ThreadAnswer[] {
    try {
      return this.#transaction(requests);
    } catch (error) {
      const explained = this.#explained(error);
      if (requests.length > 1 && !(explained instanceof MediumUnavailableError)) {
        // One request caused the error. The requests are repeated one by one, so that only it
        // fails.
        return requests.flatMap((request) => this.run([request]));
      }
      return requests.map(({ id }) => ({ id, error: encodeError(explained) }));
    }
  }

  #transaction(requests: readonly ThreadRequest[]): readonly ThreadAnswer[] {
    this.#assertInPlace();
    const kinds = new Set(requests.map(({ method }) => this.#methods[method]?.kind));
    if (!kinds.has('durable') && !kinds.has('soft')) {
      return requests.map((request) => this.#answer(request));
    }
    this.#setSynchronous(kinds.has('durable') ? 'FULL' : 'NORMAL');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const answers = requests.map((request) => this.#answer(request));
      this.#db.exec('COMMIT');
      return answers;
    } catch (error) {
      rollback(this.#db);
      throw error;
    }
  }

  #answer({ id, method, args }: ThreadRequest): ThreadAnswer {
    const known = this.#methods[method];
    if (known === undefined) {
      throw new Error(`The ${this.#format.title} has no method "${method}".`);
    }
    return { id, value: known.run(...assumeType<never[]>(args)) };
  }

  #setSynchronous(mode: 'FULL' | 'NORMAL'): void {
    if (mode !== this.#synchronous) {
      this.#db.exec(`PRAGMA synchronous = ${mode}`);
      this.#synchronous = mode;
    }
  }

  /**
   * Throws if a file was deleted or replaced while it is open, because further writes to it would
   * be lost. Most of all that concerns the write-ahead log, which contains the newest commits, and
   * the shared index, without which other processes do not see the commits of this one. Nobody has
   * a reason to touch these files while the database is open.
   */
  #assertInPlace(): void {
    for (const [part, inode] of this.#inodes) {
      const found = inodeOf(part);
      if (found === inode) continue;
      const what = found === undefined ? 'removed' : 'replaced';
      this.#saveLog();
      throw new MediumUnavailableError(
        part === this.#file
          ? `The ${this.#format.title} ${part} was ${what} while in use; put it back, or restart to begin anew.`
          : `The file ${part} was ${what} while in use; put it back, or restart: what the ${this.#format.title} has accepted is kept then.`,
      );
    }
    this.#isLogSaved = false;
  }

  /**
   * Writes the write-ahead log back to the database while the log is still open in this process.
   * The log has no name any more, so a kill would lose its commits.
   */
  #saveLog(): void {
    if (this.#isLogSaved) return;
    this.#isLogSaved = true;
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The commits stay in the log. The close of the database tries again.
    }
  }

  #explained(error: unknown): unknown {
    if (error instanceof BgfnError || error instanceof MediumUnavailableError) {
      return error;
    }
    const message = messageOf(error);
    const fault = classifySqliteError(error);
    if (fault === 'bug') {
      return error;
    }
    return new MediumUnavailableError(
      fault === 'corrupt'
        ? corrupt(this.#file, this.#format, message).message
        : `The ${this.#format.title} ${this.#file} cannot be used: ${message}.`,
    );
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
