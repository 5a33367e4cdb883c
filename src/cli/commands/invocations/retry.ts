import type { Command } from 'commander';
import { changeInvocationsCommand } from './change-command.ts';

/** `bgfn invocations retry [id…]`. */
export function retryInvocationsCommand(): Command {
  return changeInvocationsCommand({
    name: 'retry',
    description: 'queue failed or cancelled invocations again, with all their attempts',
    allState: 'failed',
    done: 'queued again',
    refused: 'only failed and cancelled ones can be retried',
    change: (store, id) => store.replay(id, Date.now()),
  });
}
