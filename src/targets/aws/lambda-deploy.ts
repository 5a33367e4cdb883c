import type { LambdaClient } from '@aws-sdk/client-lambda';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { translateAwsErrors } from './aws-errors.ts';
import { LambdaApi } from './lambda-api.ts';
import { type Change, changesFor, type DeploySettings } from './lambda-changes.ts';
import { lambdaMaxNameLength } from './lambda-limits.ts';
import type { LambdaPlan, PlannedFunction } from './lambda-plan.ts';
import { readZip } from './read-zip.ts';

export interface LambdaDeployOptions extends DeploySettings {
  /** Where the zips are. */
  readonly artifactsDirectory: string;
  readonly dryRun: boolean;
  /** Told of each function when it is done. */
  readonly onResult?: ((result: FunctionDeployment) => void) | undefined;
  /** A client made elsewhere; by default one from the environment's region and credentials. */
  readonly client?: LambdaClient | undefined;
}

/** A function on AWS, and the changes that bring it to what the plan says. */
export interface FunctionDeployment {
  readonly functionName: string;
  readonly changes: readonly Change[];
}

/** The same with everything that carrying it out needs. */
interface PreparedDeployment extends FunctionDeployment {
  readonly fn: PlannedFunction;
  /** Read when it has to be uploaded. */
  readonly zip: Uint8Array | undefined;
}

/**
 * Brings the functions on AWS Lambda to what the plan says: zips whose digest is there already are
 * not uploaded, settings that agree are not written. Running it again changes nothing.
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
  // All is read and checked before anything is written.
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
