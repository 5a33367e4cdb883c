import { Command } from 'commander';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { didYouMean } from '../../../diagnostic/did-you-mean.ts';
import { invocationStates, type InvocationStateName } from '../../../runtime/queue/invocation.ts';
import { shownInvocation } from '../../../runtime/queue/shown-invocation.ts';
import { parseCount } from '../../input/count.ts';
import { jsonDocument } from '../../output/json.ts';
import { renderInvocations } from '../../output/render-invocations.ts';
import { checkFunctionIsKnown } from '../../stores/known-functions.ts';
import { openStores } from '../../stores/open-stores.ts';
import { addSelectionOptions, listFilterOf, type SelectionFlags } from './selection.ts';
import { parseStates } from './states.ts';

interface ListInvocationsFlags extends SelectionFlags {
  readonly state?: readonly InvocationStateName[];
  readonly limit: number;
  readonly json?: boolean;
}

/** `bgfn invocations list`, which is also `bgfn invocations` alone. */
export function listInvocationsCommand(): Command {
  return (
    addSelectionOptions(new Command('list').description('the newest invocations'))
      .option(
        '--state <states>',
        `only in these states, separated by commas (${invocationStates.join(', ')})`,
        (text) => parseStates(text, invocationStates),
      )
      .option('--limit <count>', 'at most this many, newest first', parseCount, 50)
      .option('--json', 'print a JSON document')
      // `list` is the default command, so a mistyped subcommand arrives here as an argument.
      .allowExcessArguments()
      .action(async (flags: ListInvocationsFlags, { args, parent }: Command) => {
        if (args[0] !== undefined) throw unknownSubcommand(args[0], parent?.commands ?? []);
        await using stores = await openStores(flags.store);
        if (flags.function !== undefined) await checkFunctionIsKnown(stores, flags.function);
        const filter = listFilterOf(flags, { states: flags.state, limit: flags.limit });
        const invocations = await stores.store.list(filter);
        process.stdout.write(
          flags.json === true
            ? jsonDocument(invocations.map(shownInvocation))
            : renderInvocations(invocations, Date.now()),
        );
      })
  );
}

function unknownSubcommand(name: string, siblings: readonly Command[]): BgfnError {
  const known = siblings.map((command) => command.name());
  const near = didYouMean(name, known);
  return new BgfnError('USAGE', `"${name}" is no command of \`bgfn invocations\`.`, {
    kind: 'usage',
    hint:
      near === undefined
        ? `The commands are ${known.join(', ')}; list takes --function, --state, --since and --until.`
        : `Did you mean ${near}?`,
  });
}
