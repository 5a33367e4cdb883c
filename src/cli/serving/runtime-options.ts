import { existsSync } from 'node:fs';
import type { RuntimeOptions } from '../../runtime/options.ts';
import { checkStoreIsFile } from '../input/store-option.ts';
import { printLogLine } from '../output/log-output.ts';
import type { ServeFlags } from './serve-flags.ts';

/** Read when the user names no file: `netlify dev` reads the same. */
export const defaultEnvFile = '.env';

/** The options of a runtime that the flags and the environment ask for. */
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
    // An empty variable counts as none.
    webhookSecret: process.env['BGFN_WEBHOOK_SECRET'] || undefined,
    retryDelaysSeconds: flags.retryDelays,
  };
}

/** Files of environment variables for the functions. */
export function envFilesOf(flags: ServeFlags): readonly string[] {
  return flags.dotenv ?? (existsSync(defaultEnvFile) ? [defaultEnvFile] : []);
}
