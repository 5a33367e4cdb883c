import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { systemErrorCode } from '../../diagnostic/system-error.ts';
import { functionOfExtracted } from '../../runtime/load/extracted-name.ts';
import type { LogStore } from '../../runtime/logs/log-store.ts';
import { openLogStore } from '../../runtime/logs/sqlite-log-store.ts';
import { openSqliteStore } from '../../runtime/queue/sqlite/open-sqlite-store.ts';
import type { Store } from '../../runtime/queue/store.ts';
import { extractDirectoryBeside, logFileBeside } from '../../runtime/state-files.ts';
import { checkStoreIsFile } from '../input/store-option.ts';

/** The queue and the logs of a runtime, whether or not the runtime is running. */
export interface OpenStores extends AsyncDisposable {
  readonly store: Store;
  readonly logs: LogStore;
  /**
   * Sorted names of the functions that were served from this queue: functions with an extracted
   * artifact beside the queue, and functions with invocations in the queue.
   */
  functionNames(): Promise<readonly string[]>;
}

/**
 * Opens the queue and the logs of a runtime; several processes may read and write both files at
 * once.
 *
 * @throws {BgfnError} `STORE_MISSING` when the file does not exist (opening must not create it),
 *   `STORE_NOT_YOURS`, `STORE_UNSUPPORTED`.
 */
export async function openStores(storeFile: string): Promise<OpenStores> {
  checkStoreIsFile(storeFile);
  const file = path.resolve(storeFile);
  await checkReadable(file, storeFile);
  const store = await openSqliteStore({ file });
  const logs = openLogStore({ file: logFileBeside(file) });
  return {
    store,
    logs,
    async functionNames() {
      const extracted = await readdir(extractDirectoryBeside(file)).catch(() => []);
      const called = await store.stats(Date.now());
      const names = [
        ...extracted.map(functionOfExtracted),
        ...called.map(({ functionName }) => functionName),
      ];
      return [...new Set(names.filter((name) => name !== undefined))].toSorted();
    },
    async [Symbol.asyncDispose]() {
      await logs.close();
      await store.close();
    },
  };
}

async function checkReadable(file: string, shown: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    if (systemErrorCode(error) === 'EACCES') {
      throw new BgfnError('STORE_NOT_YOURS', `This user may not read the queue ${shown}.`, {
        kind: 'config',
        hint: 'Run this as the user that `bgfn serve` runs as, or as root.',
      });
    }
    throw new BgfnError('STORE_MISSING', `There is no queue at ${shown}.`, {
      kind: 'config',
      hint: 'Run this where `bgfn serve` runs, or name its file with --store.',
    });
  }
}
