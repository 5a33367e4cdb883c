import { Command, InvalidArgumentError, Option } from 'commander';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { didYouMean } from '../../diagnostic/did-you-mean.ts';
import { decodeCall } from '../../runtime/calls/stored-call.ts';
import { visibleText } from '../../runtime/logs/visible-text.ts';
import type { Invocation, InvocationState } from '../../runtime/queue/invocation.ts';
import type { ListFilter, Store } from '../../runtime/queue/store.ts';
import { defaultStoreFile } from '../../runtime/state-files.ts';
import { parseDurationMs, parsePointInTimeMs } from '../input/duration.ts';
import { renderInvocation, renderInvocations } from '../output/render-invocations.ts';
import { failAfterDocument } from '../run-cli.ts';
import { findInvocation, mustBeKnown, openStores, type OpenStores } from '../stores/open-stores.ts';

/** What is purged; the others go on. */
const endedStates = [
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly InvocationState['state'][];
const states = [
  'queued',
  'running',
  ...endedStates,
] as const satisfies readonly InvocationState['state'][];

/**
 * `bgfn invocations list|show|retry|cancel|purge`: reads and writes the queue itself, so it works
 * beside a running `bgfn serve` and without one.
 */
export function invocationsCommand(): Command {
  const command = new Command('invocations').description(
    'list, show, retry, cancel and purge the calls that were accepted',
  );
  command.addCommand(listCommand(), { isDefault: true });
  command.addCommand(showCommand());
  command.addCommand(retryCommand());
  command.addCommand(cancelCommand());
  command.addCommand(purgeCommand());
  return command;
}

interface StoreFlags {
  readonly store: string;
}

interface SelectionFlags extends StoreFlags {
  readonly function?: string;
  readonly since?: number;
  readonly until?: number;
}

interface FilterFlags extends SelectionFlags {
  readonly state?: readonly InvocationState['state'][];
  readonly limit: number;
  readonly json?: boolean;
}

function storeOption(): Option {
  return new Option('--store <file>', 'the queue to read')
    .default(defaultStoreFile)
    .env('BGFN_STORE');
}

function withSelection(command: Command): Command {
  return command
    .addOption(storeOption())
    .option('--function <name>', 'only of this function')
    .option('--since <when>', 'accepted after this: an age such as 10m or 2h, or a date', (text) =>
      parsePointInTimeMs(text, Date.now()),
    )
    .option('--until <when>', 'accepted before this', (text) =>
      parsePointInTimeMs(text, Date.now()),
    );
}

function withFilters(command: Command): Command {
  return withSelection(command)
    .option(
      '--state <states>',
      `only in these states, separated by commas (${states.join(', ')})`,
      (text) => parseStates(text, states),
    )
    .option('--limit <count>', 'at most this many, newest first', parseCount, 50);
}

function listCommand(): Command {
  return (
    withFilters(new Command('list').description('the newest invocations'))
      .option('--json', 'print a JSON document')
      // It is the default command: a mistyped one arrives here.
      .allowExcessArguments()
      .action(async (flags: FilterFlags, { args }: Command) => {
        if (args[0] !== undefined) throw unknownCommand(args[0]);
        await using stores = await openStores(flags.store);
        if (flags.function !== undefined) await mustBeKnown(stores, flags.function);
        const invocations = await stores.store.list(toListFilter(flags));
        process.stdout.write(
          flags.json === true ? toJson(invocations) : renderInvocations(invocations, Date.now()),
        );
      })
  );
}

function unknownCommand(name: string): BgfnError {
  const known = ['list', 'show', 'retry', 'cancel', 'purge'];
  const near = didYouMean(name, known);
  return new BgfnError('USAGE', `"${name}" is no command of \`bgfn invocations\`.`, {
    kind: 'usage',
    hint:
      near === undefined
        ? `The commands are ${known.join(', ')}; list takes --function, --state, --since and --until.`
        : `Did you mean ${near}?`,
  });
}

function showCommand(): Command {
  return new Command('show')
    .description('one invocation with its attempts and errors')
    .argument('<id>', 'the id, or its last characters as the logs show them')
    .addOption(storeOption())
    .addOption(new Option('--json', 'print a JSON document').conflicts('payload'))
    .option('--payload', 'print the body of the call, byte for byte')
    .action(async (id: string, flags: StoreFlags & { json?: boolean; payload?: boolean }) => {
      await using stores = await openStores(flags.store);
      const invocation = await findInvocation(stores.store, id);
      if (flags.payload === true) {
        process.stdout.write(await bodyOf(stores.store, invocation.id));
        return;
      }
      const detail = await stores.store.get(invocation.id);
      if (detail === undefined) throw purgedJustNow(invocation.id);
      process.stdout.write(
        flags.json === true ? toJson(detail) : renderInvocation(detail, Date.now()),
      );
    });
}

/**
 * What the caller sent; of a delivery, what it is to send. For a terminal as text that cannot act
 * on it.
 */
async function bodyOf(store: Store, id: string): Promise<Uint8Array | string> {
  const payload = await store.payload(id);
  if (payload === undefined) throw purgedJustNow(id);
  const body = decodeCall(payload)?.call.body ?? payload;
  return process.stdout.isTTY ? `${visibleText(Buffer.from(body).toString())}\n` : body;
}

function purgedJustNow(id: string): BgfnError {
  return new BgfnError('INVOCATION_UNKNOWN', `Invocation ${id} was purged just now.`);
}

function retryCommand(): Command {
  return withSelection(
    new Command('retry')
      .description('queue failed or cancelled invocations again, with all their attempts')
      .argument('[ids...]', 'which ones'),
  )
    .option(
      '--all-failed',
      'every failed one, or every one that --function, --since and --until leave',
    )
    .option('--json', 'print what was done as a JSON document')
    .action(
      async (ids: string[], flags: SelectionFlags & { allFailed?: boolean; json?: boolean }) => {
        checkChoice(ids, flags.allFailed === true, '--all-failed', flags);
        await using stores = await openStores(flags.store);
        const chosen =
          flags.allFailed === true
            ? await idsInState(stores, 'failed', flags)
            : await resolveIds(stores.store, ids);
        await applyToEach(
          chosen,
          'queued again',
          'only failed and cancelled ones can be retried',
          flags.json === true,
          (id) => stores.store.replay(id, Date.now()),
        );
      },
    );
}

function cancelCommand(): Command {
  return withSelection(
    new Command('cancel')
      .description('take invocations out of the queue; a running attempt is stopped')
      .argument('[ids...]', 'which ones'),
  )
    .option(
      '--all-queued',
      'every queued one, or every one that --function, --since and --until leave',
    )
    .option('--json', 'print what was done as a JSON document')
    .action(
      async (ids: string[], flags: SelectionFlags & { allQueued?: boolean; json?: boolean }) => {
        checkChoice(ids, flags.allQueued === true, '--all-queued', flags);
        await using stores = await openStores(flags.store);
        const chosen =
          flags.allQueued === true
            ? await idsInState(stores, 'queued', flags)
            : await resolveIds(stores.store, ids);
        await applyToEach(chosen, 'cancelled', 'it has already ended', flags.json === true, (id) =>
          stores.store.cancel(id, Date.now()),
        );
      },
    );
}

function purgeCommand(): Command {
  return new Command('purge')
    .description('delete invocations that have ended')
    .addOption(storeOption())
    .requiredOption(
      '--older-than <duration>',
      'ended at least this long ago, such as 7d',
      parseDurationMs,
    )
    .option(
      '--state <states>',
      `only in these states, separated by commas (${endedStates.join(', ')})`,
      (text) => parseStates(text, endedStates),
    )
    .option('--json', 'print the count as a JSON document')
    .action(
      async (
        flags: StoreFlags & {
          olderThan: number;
          state?: readonly InvocationState['state'][];
          json?: boolean;
        },
      ) => {
        await using stores = await openStores(flags.store);
        const filter = {
          finishedBeforeMs: Date.now() - flags.olderThan,
          ...(flags.state === undefined ? {} : { states: flags.state }),
        };
        const deleted = await stores.store.purge(filter);
        if (flags.json === true) process.stdout.write(toJson({ deleted }));
        else process.stderr.write(`${deleted} deleted\n`);
      },
    );
}

/**
 * Every invocation in that state that the flags leave: there is no `--limit` that could leave some
 * out unseen.
 */
async function idsInState(
  stores: OpenStores,
  state: InvocationState['state'],
  flags: SelectionFlags,
): Promise<readonly string[]> {
  if (flags.function !== undefined) await mustBeKnown(stores, flags.function);
  const invocations = await stores.store.list({
    ...toListFilter({ ...flags, limit: Number.MAX_SAFE_INTEGER }),
    states: [state],
  });
  return invocations.map((invocation) => invocation.id);
}

/**
 * Ids name what is meant one by one, `all` with its filters the rest: of both at once one would be
 * ignored. @throws BgfnError `USAGE`
 */
function checkChoice(
  ids: readonly string[],
  isAll: boolean,
  all: string,
  { function: name, since, until }: SelectionFlags,
): void {
  const isFiltered = name !== undefined || since !== undefined || until !== undefined;
  const wrong =
    isAll && ids.length > 0
      ? `Give ids or ${all}, not both.`
      : !isAll && isFiltered
        ? `--function, --since and --until go with ${all}.`
        : !isAll && ids.length === 0
          ? `Which invocations? Give their ids, or ${all}.`
          : undefined;
  if (wrong !== undefined) {
    throw new BgfnError('USAGE', wrong, {
      kind: 'usage',
      hint: '`bgfn invocations list` shows the ids.',
    });
  }
}

async function resolveIds(store: Store, ids: readonly string[]): Promise<readonly string[]> {
  const found: Invocation[] = [];
  for (const id of ids) found.push(await findInvocation(store, id));
  return found.map((invocation) => invocation.id);
}

/** Says for each id what was done; fails at the end when any could not be changed. */
async function applyToEach(
  ids: readonly string[],
  done: string,
  refused: string,
  json: boolean,
  change: (id: string) => Promise<boolean>,
): Promise<void> {
  const changed: string[] = [];
  const unchanged: string[] = [];
  for (const id of ids) {
    const list = (await change(id)) ? changed : unchanged;
    list.push(id);
    if (list === changed && !json) process.stderr.write(`${id} ${done}\n`);
  }
  if (json) process.stdout.write(toJson({ changed, unchanged }));
  else if (ids.length === 0) process.stderr.write('nothing to do\n');
  if (unchanged.length > 0) {
    failAfterDocument(
      new BgfnError('INVOCATION_UNCHANGED', `Not changed: ${unchanged.join(', ')} (${refused}).`),
    );
  }
}

function toListFilter(flags: FilterFlags): ListFilter {
  return {
    limit: flags.limit,
    ...(flags.function === undefined ? {} : { functionName: flags.function }),
    ...(flags.state === undefined ? {} : { states: flags.state }),
    ...(flags.since === undefined ? {} : { acceptedAfterMs: flags.since }),
    ...(flags.until === undefined ? {} : { acceptedBeforeMs: flags.until }),
  };
}

function parseStates(
  text: string,
  allowed: readonly InvocationState['state'][],
): readonly InvocationState['state'][] {
  return text.split(',').map((part) => {
    const state = allowed.find((candidate) => candidate === part.trim());
    if (state === undefined) {
      throw new InvalidArgumentError(`"${part.trim()}" is none of ${allowed.join(', ')}`);
    }
    return state;
  });
}

/** A whole number from 1, for --limit and the like. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('expected a whole number from 1');
  }
  return count;
}

function toJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
