import { Option } from 'commander';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { defaultStoreFile } from '../../runtime/state-files.ts';

/**
 * The flag `--store` of every command that uses the queue. Without the flag, the variable
 * `BGFN_STORE` counts.
 */
export function storeOption(description: string): Option {
  return new Option('--store <file>', description).default(defaultStoreFile).env('BGFN_STORE');
}

/**
 * Refuses the URL of a database where the path of a queue file is expected.
 *
 * @throws {BgfnError} `STORE_UNSUPPORTED`
 */
export function checkStoreIsFile(store: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(store)) return;
  // The message leaves out the address, because it may contain a password.
  throw new BgfnError(
    'STORE_UNSUPPORTED',
    `--store takes the path of a file; ${store.slice(0, store.indexOf(':'))} databases are not supported in this version.`,
    { kind: 'usage', hint: `Leave --store out to use ${defaultStoreFile}.` },
  );
}
