import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import { loadSqlite } from './load-sqlite.ts';
import { classifySqliteError } from './sqlite-error.ts';

/** The format of a database file of bgfn. */
export interface DatabaseFormat {
  /** The name of the database in messages: "queue store", "log store". */
  readonly title: string;
  /** `PRAGMA application_id`, which distinguishes the file from those of other programs. */
  readonly applicationId: number;
  /**
   * The SQL from version i to i + 1. `PRAGMA user_version` is the number of migrations that were
   * applied to a file. A released migration must never be edited.
   */
  readonly migrations: readonly string[];
}

/**
 * The size in bytes below which the whole file is checked when it is opened. Of a larger file only
 * the head and the schema are checked, so that the start stays short.
 */
const fullCheckBelowBytes = 32 * 1024 * 1024;

/** How long to wait for another process's transaction, ms. Transactions here take milliseconds. */
const defaultBusyTimeoutMs = 5000;

/**
 * Opens a database in WAL mode, after creating the file or migrating it to the newest version if
 * necessary. A file that is broken, foreign or newer is refused and left unchanged: it is never
 * moved, emptied or replaced.
 *
 * @throws {BgfnError} `STORE_CORRUPT`, `STORE_FOREIGN`, `STORE_NEWER` or `STORE_UNAVAILABLE`, each
 *   naming the file.
 */
export function openDatabase(
  file: string,
  format: DatabaseFormat,
  busyTimeoutMs = defaultBusyTimeoutMs,
): DatabaseSync {
  try {
    if (!existsSync(file)) {
      createDatabase(file, format);
    }
    if (statSync(file).size === 0) {
      throw corrupt(file, format, 'it is empty (0 bytes)');
    }
    return openExisting(file, format, busyTimeoutMs);
  } catch (error) {
    throw asOpenError(error, file, format);
  }
}

/**
 * Creates the file under a temporary name and links it into place when it is complete, so that no
 * other process sees an incomplete file.
 */
function createDatabase(file: string, format: DatabaseFormat): void {
  const walBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  // The log is checked before the file, because another process may create the file and write to it
  // in between.
  if (walBytes > 0 && !existsSync(file)) {
    throw corrupt(
      file,
      format,
      `the file is gone but its write-ahead log ${file}-wal is still there`,
    );
  }
  // A random name: the threads of one process have the same process id, and containers on one
  // volume may have.
  const draft = `${file}.new-${randomUUID()}`;
  // Only the owner may read the file, because it contains the payloads of calls.
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    const db = new (loadSqlite().DatabaseSync)(draft);
    try {
      db.exec(`PRAGMA application_id = ${format.applicationId}`);
      migrate(db, file, format);
      db.exec('PRAGMA journal_mode = WAL');
    } finally {
      db.close();
    }
    putInPlace(draft, file);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      rmSync(draft + suffix, { force: true });
    }
  }
}

function putInPlace(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // Another process may have been faster: then the file is theirs. On file systems without hard
    // links a rename has to do.
    if (!existsSync(file)) {
      renameSync(draft, file);
    }
  }
}

function openExisting(file: string, format: DatabaseFormat, busyTimeoutMs: number): DatabaseSync {
  const db = new (loadSqlite().DatabaseSync)(file);
  try {
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    if (pragma(db, 'application_id') !== format.applicationId) {
      throw new BgfnError('STORE_FOREIGN', `${file} is not a bgfn ${format.title}.`, {
        kind: 'config',
        hint: 'It belongs to another program, or to another part of bgfn. Give another path; this file was not changed.',
      });
    }
    db.exec('PRAGMA journal_mode = WAL');
    // On macOS a plain fsync leaves data in the drive's cache, which a power cut erases. On other
    // systems these settings have no effect (SQLite docs: "PRAGMA fullfsync").
    db.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
    migrate(db, file, format);
    check(db, file, format);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, file: string, format: DatabaseFormat): void {
  const newest = format.migrations.length;
  if (pragma(db, 'user_version') === newest) {
    return;
  }
  db.exec('BEGIN IMMEDIATE');
  try {
    // Read again under the lock, because another process may have migrated in between.
    const version = pragma(db, 'user_version');
    if (version > newest) {
      throw new BgfnError(
        'STORE_NEWER',
        `${file} was written by a newer bgfn: its format is ${version}, this bgfn knows ${newest}.`,
        {
          kind: 'config',
          hint: 'Update bgfn, or give another path. The file was not changed.',
        },
      );
    }
    for (const sql of format.migrations.slice(version)) {
      db.exec(sql);
    }
    db.exec(`PRAGMA user_version = ${newest}`);
    db.exec('COMMIT');
  } catch (error) {
    rollback(db);
    throw error;
  }
}

/** Rolls back a transaction that failed, unless SQLite has ended it already. */
export function rollback(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back already: no transaction is open any more.
  }
}

function check(db: DatabaseSync, file: string, format: DatabaseFormat): void {
  if (statSync(file).size > fullCheckBelowBytes) {
    db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get();
    return;
  }
  const finding = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
  if (finding !== 'ok') {
    throw corrupt(file, format, String(finding));
  }
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

/** The error for a damaged file. */
export function corrupt(file: string, format: DatabaseFormat, finding: string): BgfnError {
  return new BgfnError('STORE_CORRUPT', `The ${format.title} ${file} is damaged: ${finding}.`, {
    hint:
      `The file was left as it is. Copy it together with ${file}-wal, then try \`sqlite3 ${file} .recover\`; ` +
      'to begin anew, move all files of that name to another place.',
  });
}

function asOpenError(error: unknown, file: string, format: DatabaseFormat): unknown {
  if (error instanceof BgfnError) {
    return error;
  }
  const message = messageOf(error);
  const isFileError = error instanceof Error && 'syscall' in error;
  switch (isFileError ? 'unavailable' : classifySqliteError(error)) {
    case 'corrupt':
      return corrupt(file, format, message);
    case 'unavailable':
      return new BgfnError(
        'STORE_UNAVAILABLE',
        `The ${format.title} ${file} cannot be opened: ${message}.`,
        {
          kind: 'config',
          hint: 'The directory must exist on a local disk that has room, and be writable by this user.',
          cause: error,
        },
      );
    case 'bug':
      return error;
  }
}
