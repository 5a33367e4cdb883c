import { Command } from 'commander';
import { endedStates, type InvocationStateName } from '../../../runtime/queue/invocation.ts';
import { parseDurationMs } from '../../input/duration.ts';
import { jsonDocument } from '../../output/json.ts';
import { openStores } from '../../stores/open-stores.ts';
import { addStoreOption, type StoreFlags } from './selection.ts';
import { parseStates } from './states.ts';

interface PurgeFlags extends StoreFlags {
  readonly olderThan: number;
  readonly state?: readonly InvocationStateName[];
  readonly json?: boolean;
}

/** `bgfn invocations purge`. */
export function purgeInvocationsCommand(): Command {
  return addStoreOption(new Command('purge').description('delete invocations that have ended'))
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
    .action(async (flags: PurgeFlags) => {
      await using stores = await openStores(flags.store);
      const deleted = await stores.store.purge({
        finishedBeforeMs: Date.now() - flags.olderThan,
        states: flags.state,
      });
      if (flags.json === true) process.stdout.write(jsonDocument({ deleted }));
      else process.stderr.write(`${deleted} deleted\n`);
    });
}
