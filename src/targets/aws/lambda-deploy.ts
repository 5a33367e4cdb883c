import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as LambdaSdk from '@aws-sdk/client-lambda';
import type { Architecture, FunctionConfiguration, LambdaClient } from '@aws-sdk/client-lambda';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import {
  type Change,
  changesFor,
  type DeploySettings,
  type RemoteFunction,
} from './lambda-changes.ts';
import { lambdaMaxNameLength, type DeployedFunction, type Deployment } from './lambda-plan.ts';

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
/** Lambda's limit of a zip in the request itself (Lambda quotas). */
const maxUploadBytes = 50 * 1024 ** 2;

/**
 * Brings the functions on AWS Lambda to what the deployment says: zips whose digest is there
 * already are not uploaded, settings that agree are not written. Running it again changes nothing.
 *
 * @throws BgfnError `AWS_SDK_MISSING`, `AWS_CREDENTIALS`, `AWS_REGION_MISSING`, `AWS_ROLE_MISSING`,
 *   `AWS_NAME_TOO_LONG`, `ARTIFACT_MISSING`, `ARTIFACT_CHANGED`, `AWS_ZIP_TOO_LARGE` before
 *   anything is written; `AWS_REFUSED`.
 */
export async function deployToLambda(
  deployment: Deployment,
  options: LambdaDeployOptions,
): Promise<readonly DeployResult[]> {
  const sdk = await loadSdk();
  const client = options.client ?? new sdk.LambdaClient({});
  // All is read and checked before anything is written.
  const plans: Plan[] = [];
  for (const fn of deployment.functions) {
    plans.push(await translateErrors(fn, () => planFunction(sdk, client, fn, options)));
  }
  const results: DeployResult[] = [];
  for (const plan of plans) {
    if (!options.dryRun) await translateErrors(plan.fn, () => carryOut(sdk, client, plan, options));
    const result = { functionName: plan.functionName, changes: plan.changes };
    options.onResult?.(result);
    results.push(result);
  }
  return results;
}

interface Plan extends DeployResult {
  readonly fn: DeployedFunction;
  /** Read when it has to be uploaded. */
  readonly zip: Uint8Array | undefined;
}

async function planFunction(
  sdk: Sdk,
  client: LambdaClient,
  fn: DeployedFunction,
  options: LambdaDeployOptions,
): Promise<Plan> {
  const functionName = functionNameOf(fn, options.namePrefix);
  const changes = changesFor(
    fn,
    await readRemote(sdk, client, functionName, fn.background),
    options,
  );
  if (changes.some((change) => change.kind === 'create') && options.roleArn === undefined) {
    throw new BgfnError(
      'AWS_ROLE_MISSING',
      `${functionName} does not exist yet, and a new function needs a role.`,
      {
        kind: 'usage',
        hint: 'Name one with --role arn:aws:iam::<account>:role/<name>; it needs AWSLambdaBasicExecutionRole.',
      },
    );
  }
  const uploads = changes.some(({ kind }) => kind === 'create' || kind === 'update-code');
  return {
    fn,
    functionName,
    changes,
    zip: uploads ? await readArtifact(fn, options.artifactsDirectory) : undefined,
  };
}

async function carryOut(
  sdk: Sdk,
  client: LambdaClient,
  plan: Plan,
  options: LambdaDeployOptions,
): Promise<void> {
  for (const change of plan.changes) {
    await apply(sdk, client, plan, change, options);
    if (change.kind !== 'put-event-invoke-config') {
      await settle(sdk, client, plan.functionName, change);
    }
  }
}

function functionNameOf(fn: DeployedFunction, namePrefix: string): string {
  const functionName = `${namePrefix}${fn.awsName}`;
  if (functionName.length <= lambdaMaxNameLength) return functionName;
  throw new BgfnError(
    'AWS_NAME_TOO_LONG',
    `"${functionName}" has ${functionName.length} characters; AWS Lambda takes ${lambdaMaxNameLength}.`,
    { kind: 'usage', hint: 'Choose a shorter --name-prefix.' },
  );
}

/** The bytes of a zip, which have to be those the manifest speaks of. */
async function readArtifact(
  { name, zipFile, sha256 }: DeployedFunction,
  directory: string,
): Promise<Uint8Array> {
  const file = path.join(directory, zipFile);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new BgfnError('ARTIFACT_MISSING', `The artifact of ${name} cannot be read: ${file}.`, {
      kind: 'config',
      hint: 'Run `npx bgfn-build` again.',
      cause: error,
    });
  }
  if (hash('sha256', bytes, 'hex') !== sha256) {
    throw new BgfnError(
      'ARTIFACT_CHANGED',
      `${file} is not the file that the manifest speaks of: its digest differs.`,
      { hint: 'Run `npx bgfn-build` again.' },
    );
  }
  if (bytes.length > maxUploadBytes) {
    throw new BgfnError(
      'AWS_ZIP_TOO_LARGE',
      `The artifact of ${name} has ${Math.ceil(bytes.length / 1024 ** 2)} MB; AWS takes at most 50 MB in an upload.`,
      { hint: 'Deploy it through S3: `npx bgfn package sam`.' },
    );
  }
  return bytes;
}

async function readRemote(
  sdk: Sdk,
  client: LambdaClient,
  functionName: string,
  background: boolean,
): Promise<RemoteFunction | undefined> {
  const configuration = await orUndefined(
    sdk,
    client.send(new sdk.GetFunctionConfigurationCommand({ FunctionName: functionName })),
  );
  if (configuration === undefined) return undefined;
  const asynchronous = background
    ? await orUndefined(
        sdk,
        client.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName: functionName })),
      )
    : undefined;
  return {
    ...fromConfiguration(configuration),
    ...(asynchronous === undefined
      ? {}
      : {
          asynchronous: {
            maxRetries: asynchronous.MaximumRetryAttempts,
            maxEventAgeSeconds: asynchronous.MaximumEventAgeInSeconds,
          },
        }),
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
  { fn, functionName, zip }: Plan,
  change: Change,
  options: LambdaDeployOptions,
): Promise<void> {
  const architectures: Architecture[] = [fn.architecture];
  const configuration = {
    FunctionName: functionName,
    Runtime: lambdaRuntime(sdk, fn),
    Handler: fn.handler,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMb,
    ...(fn.background && options.deadLetterArn !== undefined
      ? { DeadLetterConfig: { TargetArn: options.deadLetterArn } }
      : {}),
    ...(options.roleArn === undefined ? {} : { Role: options.roleArn }),
  };
  switch (change.kind) {
    case 'create':
      await client.send(
        new sdk.CreateFunctionCommand({
          ...configuration,
          Role: options.roleArn,
          Architectures: architectures,
          Code: { ZipFile: zip },
        }),
      );
      return;
    case 'update-code':
      await client.send(
        new sdk.UpdateFunctionCodeCommand({
          FunctionName: functionName,
          Architectures: architectures,
          ZipFile: zip,
        }),
      );
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
  throw new BgfnError(
    'AWS_RUNTIME_UNKNOWN',
    `The installed @aws-sdk/client-lambda does not know the runtime ${fn.runtime} of ${fn.name}.`,
    {
      kind: 'config',
      hint: 'npm install --save-dev @aws-sdk/client-lambda@latest',
    },
  );
}

/** Lambda refuses the next update while one is in progress. */
async function settle(
  sdk: Sdk,
  client: LambdaClient,
  functionName: string,
  change: Change,
): Promise<void> {
  const wait =
    change.kind === 'create' ? sdk.waitUntilFunctionActiveV2 : sdk.waitUntilFunctionUpdatedV2;
  await wait(
    { client, maxWaitTime: settleTimeoutSeconds, minDelay: 1, maxDelay: 5 },
    { FunctionName: functionName },
  );
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
    throw new BgfnError(
      'AWS_SDK_MISSING',
      'Deploying to AWS needs the package @aws-sdk/client-lambda, which is not installed.',
      {
        kind: 'config',
        hint: 'npm install --save-dev @aws-sdk/client-lambda',
        cause: error,
      },
    );
  }
}

const credentialErrors = new Set([
  'CredentialsProviderError',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
]);

async function translateErrors<T>(fn: DeployedFunction, work: () => Promise<T>): Promise<T> {
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
      throw new BgfnError('AWS_REGION_MISSING', 'No AWS region is set.', {
        kind: 'config',
        hint: 'Set AWS_REGION, or a region in the AWS profile.',
        cause: error,
      });
    }
    throw new BgfnError('AWS_REFUSED', `AWS refused ${fn.name}: ${error.name}: ${error.message}`, {
      cause: error,
    });
  }
}
