import type { Command } from 'commander';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import type { InvocationStateName } from '../../../runtime/queue/invocation.ts';
import type { ListFilter } from '../../../runtime/queue/store.ts';
import { parsePointInTimeMs } from '../../input/duration.ts';
import { storeOption } from '../../input/store-option.ts';
import { findInvocation } from '../../stores/find-invocation.ts';
import { checkFunctionIsKnown } from '../../stores/known-functions.ts';
import type { OpenStores } from '../../stores/open-stores.ts';

export interface StoreFlags {
  readonly store: string;
}

/** Flags that select invocations by their properties. */
export interface SelectionFlags extends StoreFlags {
  readonly function?: string;
  readonly since?: number;
  readonly until?: number;
}

export function addStoreOption(command: Command): Command {
  return command.addOption(storeOption('the queue to read'));
}

export function addSelectionOptions(command: Command): Command {
  return addStoreOption(command)
    .option('--function <name>', 'only of this function')
    .option('--since <when>', 'accepted after this: an age such as 10m or 2h, or a date', (text) =>
      parsePointInTimeMs(text, Date.now()),
    )
    .option('--until <when>', 'accepted before this', (text) =>
      parsePointInTimeMs(text, Date.now()),
    );
}

/** The store filter with the same meaning as the flags. */
export function listFilterOf(
  flags: SelectionFlags,
  { states, limit }: Pick<ListFilter, 'states' | 'limit'>,
): ListFilter {
  return {
    limit,
    functionName: flags.function,
    states,
    acceptedAfterMs: flags.since,
    acceptedBeforeMs: flags.until,
  };
}

/** A flag such as `--all-failed`, and the state that the flag selects. */
export interface AllFlag {
  readonly name: string;
  readonly state: InvocationStateName;
  readonly isGiven: boolean;
}

/**
 * Ids of the invocations to change: the ids on the command line, or with the `all` flag every
 * invocation in its state that matches the other flags.
 *
 * @throws {BgfnError} `USAGE` unless either ids or the `all` flag are given, `FUNCTION_UNKNOWN`,
 *   and the errors of `findInvocation`.
 */
export async function selectIds(
  stores: OpenStores,
  given: readonly string[],
  all: AllFlag,
  flags: SelectionFlags,
): Promise<readonly string[]> {
  if (all.isGiven) return idsInState(stores, all.state, flags);
  const found: string[] = [];
  for (const id of given) found.push((await findInvocation(stores.store, id)).id);
  return found;
}

/** All ids in a state. There is no `--limit` here, because it could leave out invocations unnoticed. */
async function idsInState(
  stores: OpenStores,
  state: InvocationStateName,
  flags: SelectionFlags,
): Promise<readonly string[]> {
  if (flags.function !== undefined) await checkFunctionIsKnown(stores, flags.function);
  const filter = listFilterOf(flags, { states: [state], limit: Number.MAX_SAFE_INTEGER });
  const invocations = await stores.store.list(filter);
  return invocations.map(({ id }) => id);
}

/**
 * Refuses ids together with the `all` flag or filters, because one of the two would be ignored, and
 * refuses a command with neither.
 *
 * @throws {BgfnError} `USAGE`
 */
export function checkSelection(
  given: readonly string[],
  all: AllFlag,
  flags: SelectionFlags,
): void {
  const problem = problemOf(given, all, flags);
  if (problem === undefined) return;
  throw new BgfnError('USAGE', problem, {
    kind: 'usage',
    hint: '`bgfn invocations list` shows the ids.',
  });
}

function problemOf(
  given: readonly string[],
  all: AllFlag,
  { function: name, since, until }: SelectionFlags,
): string | undefined {
  if (all.isGiven) {
    return given.length > 0 ? `Give ids or ${all.name}, not both.` : undefined;
  }
  if (name !== undefined || since !== undefined || until !== undefined) {
    return `--function, --since and --until go with ${all.name}.`;
  }
  return given.length === 0 ? `Which invocations? Give their ids, or ${all.name}.` : undefined;
}
