import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunnableFunction } from '../worker.ts';

/** MB a function has when its manifest entry names no other number: Netlify's default. */
const defaultMemoryMb = 1024;

/** MB a function has. */
export function memoryMbOf(fn: RunnableFunction): number {
  return fn.memoryMb ?? defaultMemoryMb;
}

/** How to start the worker of a function. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
}

/** The Node worker's program, in the form (`.ts` or `.js`) this file itself is run in. */
const nodeClient = fileURLToPath(
  new URL(`../client/node-client${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

/** The few variables of our own environment that programs need to work at all. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'LANG'] as const;

/**
 * The command, arguments and whole environment for a worker whose Runtime API is at `runtimeApi`
 * (`host:port`). `logStreamName` marks the worker: every process it starts inherits it.
 */
export function childCommand(
  fn: RunnableFunction,
  {
    runtimeApi,
    logStreamName,
    nodeExecutable,
  }: { runtimeApi: string; logStreamName: string; nodeExecutable: string },
): ChildCommand {
  const environment = childEnvironment(fn, runtimeApi, logStreamName);
  if (fn.runtime === 'go') {
    return { file: path.join(fn.directory, 'bootstrap'), args: [], environment };
  }
  return { file: nodeExecutable, args: [...nodeFlags(fn), nodeClient], environment };
}

/**
 * MB of a function's memory to each MB of a semi-space, of which the heap has two for its
 * short-lived objects. Left alone V8 lets one grow to 64 MB and keeps them: 100 of the 140 MB of a
 * worker that had been busy. With 4 MB (of 1024) functions that allocate much took up to 6 %
 * longer, most no longer.
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
 * As on AWS Lambda (docs: "Defined runtime environment variables"). A function's own variables may
 * replace the region, the time zone and the basics, never what tells the worker where it is.
 */
function childEnvironment(
  fn: RunnableFunction,
  runtimeApi: string,
  logStreamName: string,
): Record<string, string> {
  const basics: Record<string, string> = {};
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) basics[name] = value;
  }
  return {
    LANG: 'en_US.UTF-8',
    ...basics,
    TZ: ':UTC',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: fn.environment['AWS_REGION'] ?? 'us-east-1',
    ...fn.environment,
    AWS_EXECUTION_ENV:
      fn.runtime === 'go'
        ? 'AWS_Lambda_provided.al2023'
        : `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
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
