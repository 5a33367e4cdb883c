import process from 'node:process';
import { BgfnError } from '../../../../../src/diagnostic/bgfn-error.ts';
import { openSqliteStore } from '../../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';

/** Opens a store and prints the result. */
try {
  await (await openSqliteStore({ file: process.argv[2] ?? '' })).close();
  console.log('opened');
} catch (error) {
  console.log(error instanceof BgfnError ? `${error.code}: ${error.message}` : String(error));
}
