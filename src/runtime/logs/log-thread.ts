import { existsSync, renameSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { assumeType } from '../platform/assume-type.ts';
import { Batches } from '../sqlite/batches.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { serveBatches, type BatchHandler } from '../sqlite/thread-server.ts';
import { LogDatabase } from './log-database.ts';
import { logFormat } from './log-format.ts';

/** The options that `openLogStore` passes to this program, which runs as a worker thread. */
export interface LogThreadOptions {
  readonly file: string;
  readonly maxPages: number | undefined;
}

function openHandler({ file, maxPages }: LogThreadOptions): BatchHandler {
  const { db, movedTo } = openOrMoveAside(file);
  if (maxPages !== undefined) {
    db.exec(`PRAGMA max_page_count = ${maxPages}`);
  }
  const lines = new LogDatabase(db);
  if (movedTo !== undefined) {
    const text = `The log store was damaged; it was moved to ${movedTo} and a new one begun.`;
    lines.append([
      { atMs: Date.now(), functionName: 'bgfn', stream: 'platform', level: 'warn', text },
    ]);
  }
  const batches = new Batches(db, file, logFormat, {
    append: { kind: 'soft', run: lines.append.bind(lines) },
    prune: { kind: 'soft', run: lines.prune.bind(lines) },
    read: { kind: 'read', run: lines.read.bind(lines) },
  });
  return { run: (requests) => batches.run(requests), close: () => db.close() };
}

interface OpenedLog {
  readonly db: DatabaseSync;
  /** The new name of a damaged file. */
  readonly movedTo: string | undefined;
}

/**
 * Opens the log file. A damaged log, unlike a damaged queue, must not prevent the functions from
 * running: the damaged file is kept under another name, and a new file is created.
 */
function openOrMoveAside(file: string): OpenedLog {
  try {
    return { db: openDatabase(file, logFormat), movedTo: undefined };
  } catch (error) {
    if (!(error instanceof BgfnError && error.code === 'STORE_CORRUPT')) {
      throw error;
    }
    const movedTo = `${file}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(file + suffix)) {
        renameSync(file + suffix, movedTo + suffix);
      }
    }
    return { db: openDatabase(file, logFormat), movedTo };
  }
}

serveBatches(() => openHandler(assumeType<LogThreadOptions>(workerData)));
