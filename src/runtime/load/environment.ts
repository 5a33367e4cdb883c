import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import type { ManifestFunction } from '../../manifest/schema.ts';
import type { Site } from './site.ts';

/** Variables of bgfn, of npm and of the service manager, which no function may see. */
const withheldPrefixes = ['BGFN_', 'npm_', 'SD_', 'LISTEN_'];
const withheldNames = new Set([
  'NETLIFY_AUTH_TOKEN',
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'INVOCATION_ID',
  'JOURNAL_STREAM',
  'SYSTEMD_EXEC_PID',
  'STATE_DIRECTORY',
  'CREDENTIALS_DIRECTORY',
  'INIT_CWD',
]);

/** Names and values of environment variables. */
export type FunctionEnvironment = Readonly<Record<string, string>>;

export interface EnvironmentOptions {
  /** The runtime's own environment. */
  readonly processEnv: NodeJS.ProcessEnv;
  /** The variables of env files. The variables of the process take precedence, as in `netlify dev`. */
  readonly fileEnv: FunctionEnvironment;
  /**
   * Values such as the store's address and the admin token. A variable that contains one of these
   * values is withheld, whatever its name.
   */
  readonly secrets: readonly string[];
  readonly site: Site;
  /** Sets NETLIFY_DEV and NETLIFY_LOCAL as `netlify dev` does. */
  readonly development: boolean;
}

/**
 * Returns the variables that all functions see: the environment of the runtime without its secrets,
 * the variables of env files, and the variables that Netlify sets at run time (SITE_ID, SITE_NAME,
 * URL, DEPLOY_ID, AWS_REGION …).
 */
export function functionEnvironment(options: EnvironmentOptions): FunctionEnvironment {
  const environment: Record<string, string> = {};
  for (const source of [options.fileEnv, options.processEnv]) {
    for (const [name, value] of Object.entries(source)) {
      if (value !== undefined && !isWithheld(name, value, options.secrets)) {
        environment[name] = value;
      }
    }
  }
  const { site } = options;
  return {
    ...environment,
    SITE_ID: site.id,
    SITE_NAME: site.name,
    URL: site.url,
    DEPLOY_ID: site.deployId,
    CONTEXT: site.deployContext,
    AWS_REGION: site.region,
    ...(options.development ? { NETLIFY_DEV: 'true', NETLIFY_LOCAL: 'true' } : {}),
  };
}

/**
 * Returns the variables that one function sees. The adapter of a sync function (see `src/adapter`)
 * may stream in this runtime, even if the manifest says `buffer`. That value is meant for Netlify,
 * which runs the artifact as a v1 function.
 */
export function environmentOf(
  fn: ManifestFunction,
  common: FunctionEnvironment,
): FunctionEnvironment {
  return fn.invocationMode !== 'background' && fn.runtime === 'js'
    ? { ...common, BGFN_RESPONSE_MODE: 'streaming' }
    : common;
}

/**
 * Reads env files in the order given. The variables of a later file replace those of an earlier
 * file.
 *
 * @throws {BgfnError} `ENV_FILE_UNREADABLE`
 */
export async function readEnvFiles(files: readonly string[]): Promise<FunctionEnvironment> {
  const merged: Record<string, string> = {};
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw new BgfnError(
        'ENV_FILE_UNREADABLE',
        `The env file cannot be read: ${file} (${messageOf(error)}).`,
        {
          kind: 'usage',
          hint: 'Check the path after --dotenv.',
          cause: error,
        },
      );
    }
    for (const [name, value] of Object.entries(parseEnv(text))) {
      if (value !== undefined) merged[name] = value;
    }
  }
  return merged;
}

function isWithheld(name: string, value: string, secrets: readonly string[]): boolean {
  if (withheldNames.has(name) || withheldPrefixes.some((prefix) => name.startsWith(prefix))) {
    return true;
  }
  return secrets.some((secret) => secret !== '' && value.includes(secret));
}
