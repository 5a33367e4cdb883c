import { Command, Option } from 'commander';
import type { LogFilter, LogLevel, LogLine } from '../../runtime/logs/log-store.ts';
import { parseCount } from '../input/count.ts';
import { parsePointInTimeMs } from '../input/duration.ts';
import { storeOption } from '../input/store-option.ts';
import { printLogLine } from '../output/log-output.ts';
import { interruptSignal } from '../process/interrupt.ts';
import { findInvocation } from '../stores/find-invocation.ts';
import { followLogs } from '../stores/follow-logs.ts';
import { checkFunctionIsKnown } from '../stores/known-functions.ts';
import { openStores, type OpenStores } from '../stores/open-stores.ts';

interface LogsFlags {
  readonly follow?: boolean;
  readonly invocation?: string;
  readonly level?: LogLevel;
  readonly since?: number;
  readonly until?: number;
  readonly lines: number;
  readonly json?: boolean;
  readonly store: string;
}

/**
 * `bgfn logs [name]`: shows the output of functions from the log store, with or without a running
 * `bgfn serve`.
 */
export function logsCommand(): Command {
  return new Command('logs')
    .description('what the functions printed')
    .argument('[name]', 'only of this function')
    .option('-f, --follow', 'go on showing lines as they come')
    .option('--invocation <id>', 'only of this invocation (its id or the last characters of it)')
    .addOption(
      new Option('--level <level>', 'this level and the graver ones').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .option('--since <when>', 'from here on: an age such as 10m or 2h, or a date', (text) =>
      parsePointInTimeMs(text, Date.now()),
    )
    .option('--until <when>', 'up to here', (text) => parsePointInTimeMs(text, Date.now()))
    .option('-n, --lines <count>', 'the last ones, at most', parseCount, 200)
    .option('--json', 'one JSON document a line')
    .addOption(storeOption('the queue whose logs to read'))
    .action(async (name: string | undefined, flags: LogsFlags) => {
      await using stores = await openStores(flags.store);
      if (name !== undefined) await checkFunctionIsKnown(stores, name);
      const filter = await logFilterOf(stores, name, flags);
      const print = (line: LogLine): void => printLogLine(line, flags.json === true);
      if (flags.follow !== true) {
        for (const line of await stores.logs.read(filter)) print(line);
        return;
      }
      using interrupt = interruptSignal();
      await followLogs(stores.logs, { filter, signal: interrupt.signal, onLine: print });
    });
}

async function logFilterOf(
  stores: OpenStores,
  name: string | undefined,
  flags: LogsFlags,
): Promise<LogFilter> {
  const { invocation } = flags;
  return {
    limit: flags.lines,
    functionName: name,
    invocationId:
      invocation === undefined ? undefined : (await findInvocation(stores.store, invocation)).id,
    minLevel: flags.level,
    sinceMs: flags.since,
    untilMs: flags.until,
  };
}
