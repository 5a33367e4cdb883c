import { Command, Option } from 'commander';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { decodeCall } from '../../../runtime/calls/stored-call.ts';
import { visibleText } from '../../../runtime/logs/visible-text.ts';
import type { Invocation } from '../../../runtime/queue/invocation.ts';
import { shownDetail } from '../../../runtime/queue/shown-invocation.ts';
import type { Store } from '../../../runtime/queue/store.ts';
import { jsonDocument } from '../../output/json.ts';
import { renderInvocation } from '../../output/render-invocations.ts';
import { findInvocation } from '../../stores/find-invocation.ts';
import { openStores } from '../../stores/open-stores.ts';
import { addStoreOption, type StoreFlags } from './selection.ts';

interface ShowFlags extends StoreFlags {
  readonly json?: boolean;
  readonly payload?: boolean;
}

/** `bgfn invocations show <id>`. */
export function showInvocationCommand(): Command {
  const command = new Command('show')
    .description('one invocation with its attempts and errors')
    .argument('<id>', 'the id, or its last characters as the logs show them');
  return addStoreOption(command)
    .addOption(new Option('--json', 'print a JSON document').conflicts('payload'))
    .option('--payload', 'print the body of the call, byte for byte')
    .action(async (id: string, flags: ShowFlags) => {
      await using stores = await openStores(flags.store);
      const invocation = await findInvocation(stores.store, id);
      if (flags.payload === true) {
        process.stdout.write(await bodyOf(stores.store, invocation));
        return;
      }
      const detail = await stores.store.get(invocation.id);
      if (detail === undefined) throw purgedMeanwhile(invocation.id);
      process.stdout.write(
        flags.json === true
          ? jsonDocument(shownDetail(detail))
          : renderInvocation(detail, Date.now()),
      );
    });
}

/**
 * The body that the caller sent, or for a delivery the body to send. For a terminal the body is
 * text with its control characters escaped.
 */
async function bodyOf(store: Store, { id, kind }: Invocation): Promise<Uint8Array | string> {
  const payload = await store.payload(id);
  if (payload === undefined) throw purgedMeanwhile(id);
  const call = kind === 'call' ? decodeCall(payload)?.call : undefined;
  const body = call?.body ?? payload;
  return process.stdout.isTTY ? `${visibleText(Buffer.from(body).toString())}\n` : body;
}

function purgedMeanwhile(id: string): BgfnError {
  return new BgfnError('INVOCATION_UNKNOWN', `Invocation ${id} was purged just now.`);
}
