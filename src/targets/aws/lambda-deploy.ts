import type { LambdaClient } from '@aws-sdk/client-lambda';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { translateAwsErrors } from './aws-errors.ts';
import { LambdaApi } from './lambda-api.ts';
import { type Change, changesFor, type DeploySettings } from './lambda-changes.ts';
import { lambdaMaxNameLength } from './lambda-limits.ts';
import type { LambdaPlan, PlannedFunction } from './lambda-plan.ts';
import { readZip } from './read-zip.ts';

export interface LambdaDeployOptions extends DeploySettings {
  /** The directory of the zips. */
  readonly artifactsDirectory: string;
  readonly dryRun: boolean;
  /** Called with each function once its changes are made. */
  readonly onResult?: ((result: FunctionDeployment) => void) | undefined;
  /** Default: a client with the environment's region and credentials. */
  readonly client?: LambdaClient | undefined;
}

/** A function on AWS, and the changes that bring it to the state in the plan. */
export interface FunctionDeployment {
  readonly functionName: string;
  readonly changes: readonly Change[];
}

/** A deployment with everything that its calls need. */
interface PreparedDeployment extends FunctionDeployment {
  readonly fn: PlannedFunction;
  /** Undefined when no change uploads the zip. */
  readonly zip: Uint8Array | undefined;
}

/**
 * Brings the functions on AWS Lambda to the state in the plan. Zips whose digest AWS already has
 * are not uploaded, and settings that agree are not written, so a second run changes nothing.
 *
 * @throws {BgfnError} `AWS_SDK_MISSING`, `AWS_CREDENTIALS`, `AWS_REGION_MISSING`,
 *   `AWS_ROLE_MISSING`, `AWS_NAME_TOO_LONG`, `ARTIFACT_MISSING`, `ARTIFACT_CHANGED`,
 *   `AWS_ZIP_TOO_LARGE` before anything is written; `AWS_RUNTIME_UNKNOWN`, `AWS_REFUSED`.
 */
export async function deployToLambda(
  plan: LambdaPlan,
  options: LambdaDeployOptions,
): Promise<readonly FunctionDeployment[]> {
  const api = await LambdaApi.open(options.client);
  // Everything is read and checked before anything is written.
  const prepared: PreparedDeployment[] = [];
  for (const fn of plan.functions) {
    prepared.push(await translateAwsErrors(fn.name, () => prepare(api, fn, options)));
  }
  const done: FunctionDeployment[] = [];
  for (const deployment of prepared) {
    if (!options.dryRun) {
      await translateAwsErrors(deployment.fn.name, () => carryOut(api, deployment, options));
    }
    const { functionName, changes } = deployment;
    options.onResult?.({ functionName, changes });
    done.push({ functionName, changes });
  }
  return done;
}

async function prepare(
  api: LambdaApi,
  fn: PlannedFunction,
  options: LambdaDeployOptions,
): Promise<PreparedDeployment> {
  const functionName = functionNameOf(fn, options.namePrefix);
  const remote = await api.read(functionName, fn.background);
  const changes = changesFor(fn, remote, options);
  if (remote === undefined && options.roleArn === undefined) throw roleMissing(functionName);
  const uploads = changes.some(({ kind }) => kind === 'create' || kind === 'update-code');
  const zip = uploads ? await readZip(fn, options.artifactsDirectory) : undefined;
  return { fn, functionName, changes, zip };
}

async function carryOut(
  api: LambdaApi,
  { fn, functionName, changes, zip }: PreparedDeployment,
  { roleArn, deadLetterArn }: DeploySettings,
): Promise<void> {
  for (const change of changes) {
    await api.apply(change, { fn, functionName, zip, roleArn, deadLetterArn });
  }
}

function functionNameOf(fn: PlannedFunction, namePrefix: string): string {
  const functionName = `${namePrefix}${fn.awsName}`;
  if (functionName.length <= lambdaMaxNameLength) return functionName;
  throw new BgfnError(
    'AWS_NAME_TOO_LONG',
    `"${functionName}" has ${functionName.length} characters; AWS Lambda takes ${lambdaMaxNameLength}.`,
    { kind: 'usage', hint: 'Choose a shorter --name-prefix.' },
  );
}

function roleMissing(functionName: string): BgfnError {
  return new BgfnError(
    'AWS_ROLE_MISSING',
    `${functionName} does not exist yet, and a new function needs a role.`,
    {
      kind: 'usage',
      hint: 'Name one with --role arn:aws:iam::<account>:role/<name>; it needs AWSLambdaBasicExecutionRole.',
    },
  );
}
