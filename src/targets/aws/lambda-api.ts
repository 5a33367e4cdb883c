import type * as LambdaSdk from '@aws-sdk/client-lambda';
import type { FunctionConfiguration, LambdaClient } from '@aws-sdk/client-lambda';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Change, RemoteFunction } from './lambda-changes.ts';
import type { PlannedFunction } from './lambda-plan.ts';

type Sdk = typeof LambdaSdk;

/** How long Lambda may take to make an update active before it counts as hanging. */
const settleTimeoutSeconds = 120;

/** The input of a call that changes a function. */
export interface FunctionWrite {
  readonly fn: PlannedFunction;
  /** The whole name on AWS, prefix included. */
  readonly functionName: string;
  /** The code; undefined when no change uploads it. */
  readonly zip: Uint8Array | undefined;
  readonly roleArn: string | undefined;
  readonly deadLetterArn: string | undefined;
}

/**
 * The calls of the AWS Lambda API that a deployment makes. Failed calls reject with the SDK's
 * errors.
 */
export class LambdaApi {
  readonly #sdk: Sdk;
  readonly #client: LambdaClient;

  private constructor(sdk: Sdk, client: LambdaClient) {
    this.#sdk = sdk;
    this.#client = client;
  }

  /**
   * @param client Default: a client with the environment's region and credentials
   * @throws {BgfnError} `AWS_SDK_MISSING`
   */
  static async open(client?: LambdaClient): Promise<LambdaApi> {
    const sdk = await loadSdk();
    return new LambdaApi(sdk, client ?? new sdk.LambdaClient({}));
  }

  /** Reads the state of a function on AWS; undefined when the function does not exist. */
  async read(functionName: string, background: boolean): Promise<RemoteFunction | undefined> {
    const configuration = await this.#unlessMissing(
      this.#client.send(
        new this.#sdk.GetFunctionConfigurationCommand({ FunctionName: functionName }),
      ),
    );
    if (configuration === undefined) return undefined;
    return {
      ...remoteFunctionOf(configuration),
      asynchronous: background ? await this.#readEventInvokeConfig(functionName) : undefined,
    };
  }

  async #readEventInvokeConfig(functionName: string): Promise<RemoteFunction['asynchronous']> {
    const config = await this.#unlessMissing(
      this.#client.send(
        new this.#sdk.GetFunctionEventInvokeConfigCommand({ FunctionName: functionName }),
      ),
    );
    return (
      config && {
        maxRetries: config.MaximumRetryAttempts,
        maxEventAgeSeconds: config.MaximumEventAgeInSeconds,
      }
    );
  }

  async #unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof this.#sdk.ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /**
   * Makes one change, and waits until Lambda accepts the next one.
   *
   * @throws {BgfnError} `AWS_RUNTIME_UNKNOWN`
   */
  async apply(change: Change, write: FunctionWrite): Promise<void> {
    switch (change.kind) {
      case 'create':
        await this.#create(write);
        await this.#settle(write.functionName, this.#sdk.waitUntilFunctionActiveV2);
        return;
      case 'update-code':
        await this.#updateCode(write);
        await this.#settle(write.functionName, this.#sdk.waitUntilFunctionUpdatedV2);
        return;
      case 'update-configuration':
        await this.#client.send(
          new this.#sdk.UpdateFunctionConfigurationCommand(this.#configurationOf(write)),
        );
        await this.#settle(write.functionName, this.#sdk.waitUntilFunctionUpdatedV2);
        return;
      case 'put-event-invoke-config':
        await this.#putEventInvokeConfig(write);
    }
  }

  async #create(write: FunctionWrite): Promise<void> {
    await this.#client.send(
      new this.#sdk.CreateFunctionCommand({
        ...this.#configurationOf(write),
        Role: write.roleArn,
        Architectures: [write.fn.architecture],
        Code: { ZipFile: write.zip },
      }),
    );
  }

  async #updateCode({ fn, functionName, zip }: FunctionWrite): Promise<void> {
    await this.#client.send(
      new this.#sdk.UpdateFunctionCodeCommand({
        FunctionName: functionName,
        Architectures: [fn.architecture],
        ZipFile: zip,
      }),
    );
  }

  async #putEventInvokeConfig({ fn, functionName }: FunctionWrite): Promise<void> {
    await this.#client.send(
      new this.#sdk.PutFunctionEventInvokeConfigCommand({
        FunctionName: functionName,
        MaximumRetryAttempts: fn.maxRetries,
        MaximumEventAgeInSeconds: fn.maxEventAgeSeconds,
      }),
    );
  }

  #configurationOf({ fn, functionName, roleArn, deadLetterArn }: FunctionWrite) {
    return {
      FunctionName: functionName,
      Runtime: this.#runtimeOf(fn),
      Handler: fn.handler,
      Timeout: fn.timeoutSeconds,
      MemorySize: fn.memoryMb,
      // A setting whose key is absent stays unchanged.
      ...(fn.background && deadLetterArn !== undefined
        ? { DeadLetterConfig: { TargetArn: deadLetterArn } }
        : {}),
      ...(roleArn === undefined ? {} : { Role: roleArn }),
    };
  }

  #runtimeOf(fn: PlannedFunction): LambdaSdk.Runtime {
    const runtime = Object.values(this.#sdk.Runtime).find((known) => known === fn.runtime);
    if (runtime !== undefined) return runtime;
    throw new BgfnError(
      'AWS_RUNTIME_UNKNOWN',
      `The installed @aws-sdk/client-lambda does not know the runtime ${fn.runtime} of ${fn.name}.`,
      { kind: 'config', hint: 'npm install --save-dev @aws-sdk/client-lambda@latest' },
    );
  }

  /** Waits until an update has ended, because Lambda refuses another update before that. */
  async #settle(
    functionName: string,
    wait: Sdk['waitUntilFunctionActiveV2' | 'waitUntilFunctionUpdatedV2'],
  ): Promise<void> {
    await wait(
      { client: this.#client, maxWaitTime: settleTimeoutSeconds, minDelay: 1, maxDelay: 5 },
      { FunctionName: functionName },
    );
  }
}

function remoteFunctionOf(
  configuration: FunctionConfiguration,
): Omit<RemoteFunction, 'asynchronous'> {
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

/** Loads the SDK at a deployment only, because it is an optional peer. */
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
