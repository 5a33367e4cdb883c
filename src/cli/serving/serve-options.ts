import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { defaultRetention } from '../../runtime/housekeeping.ts';
import type { Runtime, RuntimeOptions } from '../../runtime/options.ts';
import { defaultStoreFile } from '../../runtime/state-files.ts';
import { parseDurationMs } from '../input/duration.ts';
import { printLogLine } from '../output/log-output.ts';
import { renderTable } from '../output/table.ts';
import { refusePostgres } from '../stores/open-stores.ts';

/** What `bgfn serve` and `bgfn dev` have in common. */
export interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly store: string;
  readonly concurrency: number;
  readonly adminPort: number | 'auto' | 'off';
  readonly adminHost: string;
  readonly retryDelays?: readonly number[];
  readonly dotenv?: readonly string[];
  readonly drainTimeout: number;
  readonly keepLogs: number;
  readonly keepEnded: number;
  readonly keepFailed: number;
  readonly trustProxy?: boolean;
  readonly json?: boolean;
}

/** Read when the user names no file: what `netlify dev` reads too. */
const defaultEnvFile = '.env';

/** The flags of a runtime. */
export function addServeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-p, --port <port>', 'where the functions answer; 0 takes a free one')
        .default(8888)
        .argParser(parsePort),
    )
    .option('--host <address>', 'the address to listen on; 0.0.0.0 is every network', '127.0.0.1')
    .addOption(
      new Option('--store <file>', 'the file of the queue')
        .default(defaultStoreFile)
        .env('BGFN_STORE'),
    )
    .addOption(
      new Option('--concurrency <count>', 'background invocations running at once')
        .default(16)
        .argParser(parsePositive),
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
      ).argParser(parseDelays),
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

/** The flags as options of the runtime. */
export function runtimeOptionsOf(artifacts: string, flags: ServeFlags): RuntimeOptions {
  refusePostgres(flags.store);
  const adminToken = process.env['BGFN_ADMIN_TOKEN'];
  const webhookSecret = process.env['BGFN_WEBHOOK_SECRET'];
  return {
    artifactsDirectory: artifacts,
    port: flags.port,
    host: flags.host,
    storeFile: flags.store,
    concurrency: flags.concurrency,
    adminHost: flags.adminHost,
    envFiles: envFilesOf(flags),
    trustProxy: flags.trustProxy ?? false,
    onLog: (line) => printLogLine(line, flags.json === true),
    retention: { logsMs: flags.keepLogs, endedMs: flags.keepEnded, failedMs: flags.keepFailed },
    ...(flags.adminPort === 'off' ? {} : { adminPort: flags.adminPort }),
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(webhookSecret === undefined || webhookSecret === '' ? {} : { webhookSecret }),
    ...(flags.retryDelays === undefined ? {} : { retryDelaysSeconds: flags.retryDelays }),
  };
}

export interface SignalWatch {
  /**
   * Resolves at the first SIGINT or SIGTERM; from then on the next SIGINT ends the process at once
   * with 130.
   */
  readonly first: Promise<void>;
}

/** Watched from before the start, so that a signal during it is not lost. */
export function watchSignals(): SignalWatch {
  const first = new Promise<void>((resolve) => {
    let stopping = false;
    process.on('SIGTERM', () => {
      stopping = true;
      resolve();
    });
    process.on('SIGINT', () => {
      // The workers of a process that ends here are ended by their guard; what they ran is rescued at the next start.
      if (stopping) process.exit(130);
      stopping = true;
      resolve();
    });
  });
  return { first };
}

/** What a person reads when the end begins: up to the drain timeout nothing seems to happen. */
export function stoppingText({ drainTimeout }: Pick<ServeFlags, 'drainTimeout'>): string {
  return `${pc.dim(`Stopping: running work has ${drainTimeout / 1000} s to finish. Ctrl-C again stops at once.`)}\n`;
}

/** What a person reads when the runtime is up: where, and the table of functions. */
export function startupText(runtime: Runtime, artifacts: string, flags: ServeFlags): string {
  const functions = runtime.functions();
  const rows = functions.map((fn) => [
    fn.name,
    fn.mode === 'background' ? pc.magenta('background') : pc.cyan('sync'),
    fn.runtime,
    fn.methods.length === 0 ? 'any' : fn.methods.join(','),
    fn.urls.join(' ') + (fn.schedule === undefined ? '' : pc.dim(`  at ${fn.schedule} UTC`)),
  ]);
  const lines = [
    `${pc.green('bgfn')} serves ${functions.length} ${functions.length === 1 ? 'function' : 'functions'} of ${artifacts} at ${pc.bold(runtime.url)}`,
    ...(runtime.adminUrl === undefined ? [] : [`admin at ${runtime.adminUrl}`]),
    `queue in ${flags.store}`,
    ...envFilesOf(flags).map((file) => `environment from ${file}`),
    ...(flags.retryDelays === undefined
      ? []
      : [
          pc.yellow(
            `retries after ${flags.retryDelays.join(', ')} s instead of the manifest's delays: for development only`,
          ),
        ]),
  ];
  return `${lines.join('\n')}\n\n${renderTable(['function', 'mode', 'runtime', 'methods', 'address'], rows)}\n`;
}

function envFilesOf(flags: ServeFlags): readonly string[] {
  return flags.dotenv ?? (existsSync(defaultEnvFile) ? [defaultEnvFile] : []);
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

function parsePositive(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) {
    throw new InvalidArgumentError('expected a whole number from 1');
  }
  return Number(text);
}

function parseDelays(text: string): readonly number[] {
  const delays = text
    .split(',')
    .map((part) => (/^\d+(?:\.\d+)?$/.test(part.trim()) ? Number(part) : Number.NaN));
  // The bound of the setting that they stand for.
  if (delays.some((delay) => Number.isNaN(delay) || delay > 86_400)) {
    throw new InvalidArgumentError(
      'expected seconds separated by commas, such as 2,4; each 86400 at most',
    );
  }
  return delays;
}
