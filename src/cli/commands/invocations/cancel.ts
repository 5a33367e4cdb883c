import type { Command } from 'commander';
import { changeInvocationsCommand } from './change-command.ts';

/** `bgfn invocations cancel [id…]`. */
export function cancelInvocationsCommand(): Command {
  return changeInvocationsCommand({
    name: 'cancel',
    description: 'take invocations out of the queue; a running attempt is stopped',
    allState: 'queued',
    done: 'cancelled',
    refused: 'it has already ended',
    change: (store, id) => store.cancel(id, Date.now()),
  });
}
