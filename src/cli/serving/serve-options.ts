import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultRetention } from '../../runtime/housekeeping.ts';
import { parseDurationMs } from '../input/duration.ts';
import { storeOption } from '../input/store-option.ts';
import { defaultEnvFile } from './runtime-options.ts';

/** Adds the flags of a runtime to a command. */
export function addServeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-p, --port <port>', 'where the functions answer; 0 takes a free one')
        .default(8888)
        .argParser(parsePort),
    )
    .option('--host <address>', 'the address to listen on; 0.0.0.0 is every network', '127.0.0.1')
    .addOption(storeOption('the file of the queue'))
    .addOption(
      new Option('--concurrency <count>', 'background invocations running at once')
        .default(16)
        .argParser(parseConcurrency),
    )
    .addOption(
      new Option(
        '--admin-port <port>',
        'admin API, health and metrics: a port, auto (8889 or a free one), or off',
      )
        .default('auto')
        .argParser(parseAdminPort),
    )
    .option(
      '--admin-host <address>',
      'the address of the admin port; other than loopback needs BGFN_ADMIN_TOKEN',
      '127.0.0.1',
    )
    .addOption(
      new Option(
        '--retry-delays <seconds>',
        'seconds between attempts, such as 2,4, instead of 60 and 120; for development',
      ).argParser(parseRetryDelays),
    )
    .option(
      '--dotenv <file...>',
      `variables for the functions (default: ${defaultEnvFile} when there is one)`,
    )
    .addOption(
      new Option(
        '--drain-timeout <duration>',
        'how long running work may take to finish at the end',
      )
        .default(30_000, '30s')
        .argParser(parseDurationMs),
    )
    .addOption(
      new Option('--keep-logs <duration>', 'how long log lines are kept')
        .default(defaultRetention.logsMs, '7d')
        .argParser(parseDurationMs),
    )
    .addOption(
      new Option('--keep-ended <duration>', 'how long succeeded and cancelled invocations are kept')
        .default(defaultRetention.endedMs, '7d')
        .argParser(parseDurationMs),
    )
    .addOption(
      new Option('--keep-failed <duration>', 'how long failed invocations are kept')
        .default(defaultRetention.failedMs, '30d')
        .argParser(parseDurationMs),
    )
    .option(
      '--trust-proxy',
      'believe X-Forwarded-For and X-Forwarded-Proto: only behind a proxy that sets them',
    )
    .option('--json', 'log lines as JSON, one document a line');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('expected a port from 0 to 65535');
  }
  return port;
}

function parseAdminPort(text: string): number | 'auto' | 'off' {
  return text === 'auto' || text === 'off' ? text : parsePort(text);
}

function parseConcurrency(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) {
    throw new InvalidArgumentError('expected a whole number from 1');
  }
  return Number(text);
}

function parseRetryDelays(text: string): readonly number[] {
  const delays = text
    .split(',')
    .map((part) => (/^\d+(?:\.\d+)?$/.test(part.trim()) ? Number(part) : Number.NaN));
  // The limit of the `retry` setting, which this flag overrides.
  if (delays.some((delay) => Number.isNaN(delay) || delay > 86_400)) {
    throw new InvalidArgumentError(
      'expected seconds separated by commas, such as 2,4; each 86400 at most',
    );
  }
  return delays;
}
