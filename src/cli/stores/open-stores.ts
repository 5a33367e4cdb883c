import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { didYouMean } from '../../diagnostic/did-you-mean.ts';
import { systemErrorCode } from '../../diagnostic/system-error.ts';
import { functionOfExtracted } from '../../runtime/load/extracted-name.ts';
import type { LogStore } from '../../runtime/logs/log-store.ts';
import { openLogStore } from '../../runtime/logs/sqlite-log-store.ts';
import { deliveryNameOf } from '../../runtime/queue/delivery.ts';
import type { Invocation } from '../../runtime/queue/invocation.ts';
import { openSqliteStore } from '../../runtime/queue/sqlite/open-sqlite-store.ts';
import type { Store } from '../../runtime/queue/store.ts';
import {
  defaultStoreFile,
  extractDirectoryBeside,
  logFileBeside,
} from '../../runtime/state-files.ts';

export interface OpenStores extends AsyncDisposable {
  readonly store: Store;
  readonly logs: LogStore;
  /**
   * The functions that were served from this queue: those whose artifacts lie extracted beside it,
   * and those it has invocations of. Sorted.
   */
  functionNames(): Promise<readonly string[]>;
}

/**
 * Opens the queue and the logs of a runtime that may be running or not; both files may be read and
 * written by several processes.
 *
 * @throws BgfnError `STORE_MISSING` when there is no such file (looking must not create one),
 *   `STORE_NOT_YOURS`.
 */
export async function openStores(storeFile: string): Promise<OpenStores> {
  refusePostgres(storeFile);
  const file = path.resolve(storeFile);
  await mustBeReadable(file, storeFile);
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

async function mustBeReadable(file: string, shown: string): Promise<void> {
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

/** @throws BgfnError `STORE_UNSUPPORTED` */
export function refusePostgres(store: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(store)) return;
  // Not the address itself: it holds a password.
  throw new BgfnError(
    'STORE_UNSUPPORTED',
    `--store takes the path of a file; ${store.slice(0, store.indexOf(':'))} databases are not supported in this version.`,
    {
      kind: 'usage',
      hint: `Leave --store out to use ${defaultStoreFile}.`,
    },
  );
}

/**
 * Nothing found and nothing of that name are two different answers. Whatever has lines or
 * invocations is known, also when it was taken out long ago.
 *
 * @throws BgfnError `FUNCTION_UNKNOWN`
 */
export async function mustBeKnown(stores: OpenStores, name: string): Promise<void> {
  const [line] = await stores.logs.read({ functionName: name, limit: 1 });
  if (line !== undefined) return;
  const known = await stores.functionNames();
  // A function whose outcomes went nowhere yet may have a destination all the same.
  if (known.includes(name) || known.some((own) => deliveryNameOf(own) === name)) return;
  const near = didYouMean(name, known);
  throw new BgfnError('FUNCTION_UNKNOWN', `There is no function "${name}".`, {
    kind: 'usage',
    hint:
      near !== undefined
        ? `Did you mean ${near}?`
        : known.length === 0
          ? 'Nothing was served from this queue yet.'
          : `The functions are ${known.join(', ')}.`,
  });
}

/** Looked at at once when an id is searched for by its end. */
const pageSize = 10_000;

/**
 * The invocation with this id, or whose id ends with this text: people copy the short form from the
 * logs (with `#1`, the attempt), in any case.
 *
 * @throws BgfnError `USAGE` for no text at all, `INVOCATION_UNKNOWN` or `INVOCATION_AMBIGUOUS`.
 */
export async function findInvocation(store: Store, idOrTail: string): Promise<Invocation> {
  const wanted = idOrTail.trim().replace(/#\d+$/, '').toUpperCase();
  if (wanted === '') {
    throw new BgfnError('USAGE', 'The id of an invocation cannot be empty.', {
      kind: 'usage',
      hint: '`bgfn invocations list` shows them.',
    });
  }
  const exact = await store.get(wanted);
  if (exact !== undefined) return exact.invocation;
  const matches: Invocation[] = [];
  for (
    let page = await store.list({ limit: pageSize });
    page.length > 0;
    page = await store.list({ limit: pageSize, beforeId: page.at(-1)?.id ?? '' })
  ) {
    matches.push(...page.filter(({ id }) => id.toUpperCase().endsWith(wanted)));
  }
  const [first, second] = matches;
  if (first === undefined) {
    throw new BgfnError(
      'INVOCATION_UNKNOWN',
      `There is no invocation "${idOrTail}" in this queue.`,
      {
        hint: 'Give its id, or the last characters of it: `bgfn invocations list` shows what there is.',
      },
    );
  }
  if (second !== undefined) {
    throw new BgfnError(
      'INVOCATION_AMBIGUOUS',
      `"${idOrTail}" ends the ids of ${matches.length} invocations: ${first.id}, ${second.id}${matches.length > 2 ? ', …' : ''}`,
      {
        hint: 'Give more of the id.',
      },
    );
  }
  return first;
}
