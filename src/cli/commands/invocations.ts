import { Command } from 'commander';
import { cancelInvocationsCommand } from './invocations/cancel.ts';
import { listInvocationsCommand } from './invocations/list.ts';
import { purgeInvocationsCommand } from './invocations/purge.ts';
import { retryInvocationsCommand } from './invocations/retry.ts';
import { showInvocationCommand } from './invocations/show.ts';

/**
 * `bgfn invocations list|show|retry|cancel|purge`: reads and writes the queue file directly, so the
 * commands work with and without a running `bgfn serve`.
 */
export function invocationsCommand(): Command {
  return new Command('invocations')
    .description('list, show, retry, cancel and purge the calls that were accepted')
    .addCommand(listInvocationsCommand(), { isDefault: true })
    .addCommand(showInvocationCommand())
    .addCommand(retryInvocationsCommand())
    .addCommand(cancelInvocationsCommand())
    .addCommand(purgeInvocationsCommand());
}
