import type { NextInvocation } from './runtime-connection.ts';

/** The context object of a Lambda handler (AWS docs: "Using the Lambda context object"). */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** For handlers with a callback: whether the result waits until the event loop is empty. */
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

export function createLambdaContext(
  invocation: NextInvocation,
  environment: NodeJS.ProcessEnv,
): LambdaContext {
  return {
    awsRequestId: invocation.requestId,
    functionName: environment['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    functionVersion: environment['AWS_LAMBDA_FUNCTION_VERSION'] ?? '$LATEST',
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? '',
    logGroupName: environment['AWS_LAMBDA_LOG_GROUP_NAME'] ?? '',
    logStreamName: environment['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadlineMs - Date.now()),
  };
}
