import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunnableFunction } from '../worker.ts';
import { memoryMbOf } from './function-memory.ts';

/** The command line and the environment that start the worker of a function. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
}

/**
 * The program of Node workers. Its extension is that of this file: `.ts` in the sources, `.js` in
 * the package.
 */
const nodeClient = fileURLToPath(
  new URL(`../client/node-client${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

/** Variables of bgfn's own environment that are passed on because programs need them. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'LANG'] as const;

/**
 * Returns the command, the arguments and the whole environment of a worker whose Runtime API is at
 * `runtimeApi` (`host:port`). `logStreamName` marks the worker: every process that the worker
 * starts inherits the name.
 */
export function childCommand(
  fn: RunnableFunction,
  {
    runtimeApi,
    logStreamName,
    nodeExecutable,
  }: {
    readonly runtimeApi: string;
    readonly logStreamName: string;
    readonly nodeExecutable: string;
  },
): ChildCommand {
  const environment = childEnvironment(fn, runtimeApi, logStreamName);
  if (fn.runtime === 'go') {
    return { file: path.join(fn.directory, 'bootstrap'), args: [], environment };
  }
  return { file: nodeExecutable, args: [...nodeFlags(fn), nodeClient], environment };
}

/**
 * MB of the function's memory for each MB of a semi-space. V8's heap has two semi-spaces for
 * short-lived objects. By default V8 lets a semi-space grow to 64 MB and never shrinks it:
 * semi-spaces were 100 of the 140 MB of a worker that had been busy. With 4 MB (for a function with
 * 1024 MB), functions that allocate a lot took up to 6 % longer, and most functions took no
 * longer.
 */
const memoryToSemiSpace = 256;

function nodeFlags(fn: RunnableFunction): string[] {
  const memoryMb = memoryMbOf(fn);
  const flags = [
    `--max-old-space-size=${memoryMb}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb / memoryToSemiSpace))}`,
  ];
  const file = path.join(fn.directory, fn.handler.slice(0, fn.handler.lastIndexOf('.')));
  if (existsSync(`${file}.mjs.map`)) flags.push('--enable-source-maps');
  return flags;
}

/**
 * The variables that AWS Lambda sets (docs: "Defined runtime environment variables"). A function's
 * own variables replace the region, the time zone and the variables passed on from bgfn's
 * environment, but never the variables that the worker itself needs.
 */
function childEnvironment(
  fn: RunnableFunction,
  runtimeApi: string,
  logStreamName: string,
): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    ...ownVariables(),
    TZ: ':UTC',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: fn.environment['AWS_REGION'] ?? 'us-east-1',
    ...fn.environment,
    AWS_EXECUTION_ENV: executionEnvironment(fn),
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMbOf(fn)),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: fn.directory,
    LAMBDA_RUNTIME_DIR: path.dirname(nodeClient),
    _HANDLER: fn.handler,
  };
}

function ownVariables(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

function executionEnvironment({ runtime }: RunnableFunction): string {
  if (runtime === 'go') return 'AWS_Lambda_provided.al2023';
  return `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`;
}
