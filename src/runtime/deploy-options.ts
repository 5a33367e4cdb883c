import type { DeployOptions } from './deployment.ts';
import { functionEnvironment, readEnvFiles } from './load/environment.ts';
import { resolveSite } from './load/site.ts';
import type { RuntimeOptions } from './options.ts';

/**
 * Resolves the options that all deployments of a runtime share. A reload does not change them.
 *
 * @throws {BgfnError} `ENV_FILE_UNREADABLE`.
 */
export async function resolveDeployOptions(
  options: RuntimeOptions,
  { url, adminToken, extractDirectory }: RuntimeFacts,
): Promise<DeployOptions> {
  const site = resolveSite(options.site ?? {}, url, process.env);
  const environment = functionEnvironment({
    processEnv: process.env,
    fileEnv: await readEnvFiles(options.envFiles ?? []),
    secrets: [adminToken, options.webhookSecret].filter((secret) => secret !== undefined),
    site,
    development: options.development ?? false,
  });
  return { artifactsDirectory: options.artifactsDirectory, extractDirectory, environment, site };
}

interface RuntimeFacts {
  /** Where the runtime listens. */
  readonly url: string;
  readonly adminToken: string | undefined;
  readonly extractDirectory: string;
}
