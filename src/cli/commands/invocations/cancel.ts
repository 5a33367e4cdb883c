import { Command } from 'commander';
import { openStores } from '../../stores/open-stores.ts';
import { changeEach } from './change-each.ts';
import {
  addSelectionOptions,
  type AllFlag,
  checkSelection,
  selectIds,
  type SelectionFlags,
} from './selection.ts';

interface CancelFlags extends SelectionFlags {
  readonly allQueued?: boolean;
  readonly json?: boolean;
}

/** `bgfn invocations cancel [id…]`. */
export function cancelInvocationsCommand(): Command {
  const command = new Command('cancel')
    .description('take invocations out of the queue; a running attempt is stopped')
    .argument('[ids...]', 'which ones');
  return addSelectionOptions(command)
    .option(
      '--all-queued',
      'every queued one, or every one that --function, --since and --until leave',
    )
    .option('--json', 'print what was done as a JSON document')
    .action(async (ids: string[], flags: CancelFlags) => {
      const all: AllFlag = {
        name: '--all-queued',
        state: 'queued',
        isGiven: flags.allQueued === true,
      };
      checkSelection(ids, all, flags);
      await using stores = await openStores(flags.store);
      const change = {
        done: 'cancelled',
        refused: 'it has already ended',
        apply: (id: string) => stores.store.cancel(id, Date.now()),
      };
      await changeEach(await selectIds(stores, ids, all, flags), change, flags.json === true);
    });
}
