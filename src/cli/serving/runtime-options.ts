import { existsSync } from 'node:fs';
import type { RuntimeOptions } from '../../runtime/options.ts';
import { checkStoreIsFile } from '../input/store-option.ts';
import { printLogLine } from '../output/log-output.ts';
import type { ServeFlags } from './serve-flags.ts';

/** The file that is read when the user names none, the same as with `netlify dev`. */
export const defaultEnvFile = '.env';

/** The options of a runtime, from the flags and the environment. */
export function runtimeOptionsOf(artifacts: string, flags: ServeFlags): RuntimeOptions {
  checkStoreIsFile(flags.store);
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
    adminPort: flags.adminPort === 'off' ? undefined : flags.adminPort,
    adminToken: process.env['BGFN_ADMIN_TOKEN'],
    // An empty variable counts as absent.
    webhookSecret: process.env['BGFN_WEBHOOK_SECRET'] || undefined,
    retryDelaysSeconds: flags.retryDelays,
  };
}

/** Files of environment variables for the functions. */
export function envFilesOf(flags: ServeFlags): readonly string[] {
  return flags.dotenv ?? (existsSync(defaultEnvFile) ? [defaultEnvFile] : []);
}
