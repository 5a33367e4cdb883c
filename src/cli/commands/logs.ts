import { Command, Option } from 'commander';
import type { LogFilter, LogLevel } from '../../runtime/logs/log-store.ts';
import { defaultStoreFile } from '../../runtime/state-files.ts';
import { parsePointInTimeMs } from '../input/duration.ts';
import { printLogLine } from '../output/log-output.ts';
import { interruptSignal } from '../process/interrupt.ts';
import { followLogs } from '../stores/follow-logs.ts';
import { findInvocation, mustBeKnown, openStores, type OpenStores } from '../stores/open-stores.ts';
import { parseCount } from './invocations.ts';

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
 * `bgfn logs [name]`: what the functions printed, from the store, with or without a running `bgfn
 * serve`.
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
    .addOption(
      new Option('--store <file>', 'the queue whose logs to read')
        .default(defaultStoreFile)
        .env('BGFN_STORE'),
    )
    .action(async (name: string | undefined, flags: LogsFlags) => {
      await using stores = await openStores(flags.store);
      if (name !== undefined) await mustBeKnown(stores, name);
      const filter = await toFilter(stores, name, flags);
      const print = (line: Parameters<typeof printLogLine>[0]): void =>
        printLogLine(line, flags.json === true);
      if (flags.follow !== true) {
        for (const line of await stores.logs.read(filter)) print(line);
        return;
      }
      using interrupt = interruptSignal();
      await followLogs(stores.logs, { filter, signal: interrupt.signal, onLine: print });
    });
}

async function toFilter(
  stores: OpenStores,
  name: string | undefined,
  flags: LogsFlags,
): Promise<LogFilter> {
  return {
    limit: flags.lines,
    ...(name === undefined ? {} : { functionName: name }),
    ...(flags.invocation === undefined
      ? {}
      : { invocationId: (await findInvocation(stores.store, flags.invocation)).id }),
    ...(flags.level === undefined ? {} : { minLevel: flags.level }),
    ...(flags.since === undefined ? {} : { sinceMs: flags.since }),
    ...(flags.until === undefined ? {} : { untilMs: flags.until }),
  };
}
