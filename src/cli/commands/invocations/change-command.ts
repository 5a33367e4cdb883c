import { Command, Option } from 'commander';
import type { InvocationStateName } from '../../../runtime/queue/invocation.ts';
import type { Store } from '../../../runtime/queue/store.ts';
import { openStores } from '../../stores/open-stores.ts';
import { changeEach } from './change-each.ts';
import {
  addSelectionOptions,
  checkSelection,
  selectIds,
  type SelectionFlags,
} from './selection.ts';

/** A command that changes the state of invocations. */
export interface ChangeCommand {
  readonly name: string;
  readonly description: string;
  /** The state that `--all-<state>` selects. */
  readonly allState: InvocationStateName;
  /** Report of a change that was made, after the id: `queued again`. */
  readonly done: string;
  /** Report of a change that was refused. */
  readonly refused: string;
  /** Resolves to false when the state of the invocation does not allow the change. */
  readonly change: (store: Store, id: string) => Promise<boolean>;
}

interface ChangeFlags extends SelectionFlags {
  readonly json?: boolean;
}

/** `bgfn invocations <name> [id…]`, with the flags that select invocations and `--json`. */
export function changeInvocationsCommand(definition: ChangeCommand): Command {
  const { name, description, allState, done, refused } = definition;
  const allFlag = `--all-${allState}`;
  const allOption = new Option(
    allFlag,
    `every ${allState} one, or every one that --function, --since and --until leave`,
  );
  const command: Command = new Command(name)
    .description(description)
    .argument('[ids...]', 'which ones');
  return addSelectionOptions(command)
    .addOption(allOption)
    .option('--json', 'print what was done as a JSON document')
    .action(async (ids: string[], flags: ChangeFlags) => {
      const isGiven = command.getOptionValue(allOption.attributeName()) === true;
      const all = { name: allFlag, state: allState, isGiven };
      checkSelection(ids, all, flags);
      await using stores = await openStores(flags.store);
      const apply = (id: string) => definition.change(stores.store, id);
      const selected = await selectIds(stores, ids, all, flags);
      await changeEach(selected, { done, refused, apply }, flags.json === true);
    });
}
