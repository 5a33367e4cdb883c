import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as LambdaSdk from '@aws-sdk/client-lambda';
import type { Architecture, FunctionConfiguration, LambdaClient } from '@aws-sdk/client-lambda';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { DeployedFunction, Deployment } from './deployment.ts';
import { type Change, changesFor, type DeploySettings, type RemoteFunction } from './lambda-changes.ts';

export interface LambdaDeployOptions extends DeploySettings {
  /** Where the zips are. */
  readonly artifactsDirectory: string;
  readonly dryRun: boolean;
  readonly onResult?: (result: DeployResult) => void;
  /** A client made elsewhere; by default one from the environment's region and credentials. */
  readonly client?: LambdaClient;
}

export interface DeployResult {
  readonly functionName: string;
  readonly changes: readonly Change[];
}

type Sdk = typeof LambdaSdk;

/** How long Lambda may take to make an update active, in seconds, before we say that it hangs. */
const settleTimeoutSeconds = 120;

/**
 * Brings the functions on AWS Lambda to what the deployment says: zips whose digest is there already are not uploaded, settings that agree are
 * not written. Running it again changes nothing.
 * @throws BgfnError `AWS_SDK_MISSING`, `AWS_CREDENTIALS`, `AWS_ROLE_MISSING`, `AWS_REFUSED`.
 */
export async function deployToLambda(deployment: Deployment, options: LambdaDeployOptions): Promise<readonly DeployResult[]> {
  const sdk = await loadSdk();
  const client = options.client ?? new sdk.LambdaClient({});
  const results: DeployResult[] = [];
  for (const fn of deployment.functions) {
    const result = await translateErrors(fn, () => deployFunction(sdk, client, fn, options));
    options.onResult?.(result);
    results.push(result);
  }
  return results;
}

async function deployFunction(sdk: Sdk, client: LambdaClient, fn: DeployedFunction, options: LambdaDeployOptions): Promise<DeployResult> {
  const functionName = `${options.namePrefix}${fn.name}`;
  const changes = changesFor(fn, await readRemote(sdk, client, functionName, fn.background), options);
  if (changes.some((change) => change.kind === 'create') && options.roleArn === undefined) {
    throw new BgfnError('AWS_ROLE_MISSING', `${functionName} does not exist yet, and a new function needs a role.`, {
      kind: 'usage',
      hint: 'Name one with --role arn:aws:iam::<account>:role/<name>; it needs AWSLambdaBasicExecutionRole.',
    });
  }
  if (options.dryRun) return { functionName, changes };
  for (const change of changes) {
    await apply(sdk, client, functionName, fn, change, options);
    if (change.kind !== 'put-event-invoke-config') await settle(sdk, client, functionName, change);
  }
  return { functionName, changes };
}

async function readRemote(sdk: Sdk, client: LambdaClient, functionName: string, background: boolean): Promise<RemoteFunction | undefined> {
  const configuration = await orUndefined(sdk, client.send(new sdk.GetFunctionConfigurationCommand({ FunctionName: functionName })));
  if (configuration === undefined) return undefined;
  const asynchronous = background ? await orUndefined(sdk, client.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName: functionName }))) : undefined;
  return {
    ...fromConfiguration(configuration),
    ...(asynchronous === undefined
      ? {}
      : { asynchronous: { maxRetries: asynchronous.MaximumRetryAttempts, maxEventAgeSeconds: asynchronous.MaximumEventAgeInSeconds } }),
  };
}

function fromConfiguration(configuration: FunctionConfiguration): RemoteFunction {
  return {
    codeSha256: configuration.CodeSha256 ?? '',
    runtime: configuration.Runtime,
    handler: configuration.Handler,
    timeoutSeconds: configuration.Timeout,
    memoryMb: configuration.MemorySize,
    architecture: configuration.Architectures?.[0] ?? 'x86_64',
    roleArn: configuration.Role,
    deadLetterArn: configuration.DeadLetterConfig?.TargetArn,
  };
}

async function apply(
  sdk: Sdk,
  client: LambdaClient,
  functionName: string,
  fn: DeployedFunction,
  change: Change,
  options: LambdaDeployOptions,
): Promise<void> {
  const readZip = (): Promise<Uint8Array> => readFile(path.join(options.artifactsDirectory, fn.zipFile));
  const architectures: Architecture[] = [fn.architecture];
  const configuration = {
    FunctionName: functionName,
    Runtime: lambdaRuntime(sdk, fn),
    Handler: fn.handler,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMb,
    ...(fn.background && options.deadLetterArn !== undefined ? { DeadLetterConfig: { TargetArn: options.deadLetterArn } } : {}),
    ...(options.roleArn === undefined ? {} : { Role: options.roleArn }),
  };
  switch (change.kind) {
    case 'create':
      await client.send(
        new sdk.CreateFunctionCommand({ ...configuration, Role: options.roleArn, Architectures: architectures, Code: { ZipFile: await readZip() } }),
      );
      return;
    case 'update-code':
      await client.send(new sdk.UpdateFunctionCodeCommand({ FunctionName: functionName, Architectures: architectures, ZipFile: await readZip() }));
      return;
    case 'update-configuration':
      await client.send(new sdk.UpdateFunctionConfigurationCommand(configuration));
      return;
    case 'put-event-invoke-config':
      await client.send(
        new sdk.PutFunctionEventInvokeConfigCommand({
          FunctionName: functionName,
          MaximumRetryAttempts: fn.maxRetries,
          MaximumEventAgeInSeconds: fn.maxEventAgeSeconds,
        }),
      );
  }
}

function lambdaRuntime(sdk: Sdk, fn: DeployedFunction): LambdaSdk.Runtime {
  const runtime = Object.values(sdk.Runtime).find((known) => known === fn.runtime);
  if (runtime !== undefined) return runtime;
  throw new BgfnError('AWS_RUNTIME_UNKNOWN', `The installed @aws-sdk/client-lambda does not know the runtime ${fn.runtime} of ${fn.name}.`, {
    kind: 'config',
    hint: 'npm install --save-dev @aws-sdk/client-lambda@latest',
  });
}

/** Lambda refuses the next update while one is in progress. */
async function settle(sdk: Sdk, client: LambdaClient, functionName: string, change: Change): Promise<void> {
  const wait = change.kind === 'create' ? sdk.waitUntilFunctionActiveV2 : sdk.waitUntilFunctionUpdatedV2;
  await wait({ client, maxWaitTime: settleTimeoutSeconds, minDelay: 1, maxDelay: 5 }, { FunctionName: functionName });
}

async function orUndefined<T>(sdk: Sdk, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof sdk.ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-lambda');
  } catch (error) {
    throw new BgfnError('AWS_SDK_MISSING', 'Deploying to AWS needs the package @aws-sdk/client-lambda, which is not installed.', {
      kind: 'config',
      hint: 'npm install --save-dev @aws-sdk/client-lambda',
      cause: error,
    });
  }
}

const credentialErrors = new Set(['CredentialsProviderError', 'UnrecognizedClientException', 'InvalidSignatureException', 'ExpiredTokenException']);

async function translateErrors(fn: DeployedFunction, work: () => Promise<DeployResult>): Promise<DeployResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BgfnError || !(error instanceof Error)) throw error;
    if (credentialErrors.has(error.name)) {
      throw new BgfnError('AWS_CREDENTIALS', `AWS did not take the credentials: ${error.message}`, {
        kind: 'config',
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in with `aws sso login`.',
        cause: error,
      });
    }
    if (error.message.includes('Region is missing')) {
      throw new BgfnError('AWS_REGION_MISSING', 'No AWS region is set.', { kind: 'config', hint: 'Set AWS_REGION, or a region in the AWS profile.', cause: error });
    }
    throw new BgfnError('AWS_REFUSED', `AWS refused ${fn.name}: ${error.name}: ${error.message}`, { cause: error });
  }
}
