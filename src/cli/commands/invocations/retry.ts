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

interface RetryFlags extends SelectionFlags {
  readonly allFailed?: boolean;
  readonly json?: boolean;
}

/** `bgfn invocations retry [id…]`. */
export function retryInvocationsCommand(): Command {
  const command = new Command('retry')
    .description('queue failed or cancelled invocations again, with all their attempts')
    .argument('[ids...]', 'which ones');
  return addSelectionOptions(command)
    .option(
      '--all-failed',
      'every failed one, or every one that --function, --since and --until leave',
    )
    .option('--json', 'print what was done as a JSON document')
    .action(async (ids: string[], flags: RetryFlags) => {
      const all: AllFlag = {
        name: '--all-failed',
        state: 'failed',
        isGiven: flags.allFailed === true,
      };
      checkSelection(ids, all, flags);
      await using stores = await openStores(flags.store);
      const change = {
        done: 'queued again',
        refused: 'only failed and cancelled ones can be retried',
        apply: (id: string) => stores.store.replay(id, Date.now()),
      };
      await changeEach(await selectIds(stores, ids, all, flags), change, flags.json === true);
    });
}
