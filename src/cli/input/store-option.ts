import { Option } from 'commander';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { defaultStoreFile } from '../../runtime/state-files.ts';

/**
 * The flag `--store`, which every command that touches the queue has; `BGFN_STORE` stands in for
 * it.
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
  // The address itself is not shown: it holds a password.
  throw new BgfnError(
    'STORE_UNSUPPORTED',
    `--store takes the path of a file; ${store.slice(0, store.indexOf(':'))} databases are not supported in this version.`,
    { kind: 'usage', hint: `Leave --store out to use ${defaultStoreFile}.` },
  );
}
