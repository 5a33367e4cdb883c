import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { AdapterOptions } from '../../../src/adapter/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** One answer posted to the Runtime API. */
export interface Answer {
  readonly kind: 'response' | 'error';
  readonly contentType: string;
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
}

export interface RunOptions {
  /** A fixture file under fixtures/adapter. */
  readonly fixture: string;
  readonly options: AdapterOptions;
  readonly events: readonly unknown[];
  /** The command and arguments of the runtime client, to which the handler's name is added. */
  readonly client: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Bundles a fixture with the adapter and runs the bundle under a runtime client. Returns one answer
 * for each event, and the printed output.
 */
export async function runArtifact(run: RunOptions): Promise<{ answers: Answer[]; output: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-adapter-'));
  try {
    await bundle(run, path.join(directory, `${run.options.name}.mjs`));
    return await runHandler({ directory, handler: `${run.options.name}.handler`, ...run });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function bundle({ fixture, options }: RunOptions, outfile: string): Promise<void> {
  const contents = [
    `import { createHandler } from './src/adapter/index.ts';`,
    `import * as userModule from './fixtures/adapter/${fixture}';`,
    `export const handler = createHandler(userModule, ${JSON.stringify(options)});`,
  ].join('\n');
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'error',
  });
}

export interface HandlerRun extends Pick<RunOptions, 'client' | 'environment' | 'events'> {
  /** The directory of the unpacked artifact. */
  readonly directory: string;
  readonly handler: string;
}

/**
 * Runs a handler under a runtime client. The Runtime API of the client sends the events in turn,
 * and the client is killed after the last answer.
 */
export async function runHandler({
  directory,
  handler,
  ...run
}: HandlerRun): Promise<{ answers: Answer[]; output: string }> {
  const [functionName = ''] = handler.split('.');
  const answers: Answer[] = [];
  const finished = Promise.withResolvers<void>();
  let given = 0;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      if (given === run.events.length) return;
      given += 1;
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': `00000000-0000-4000-8000-00000000000${given}`,
        'lambda-runtime-deadline-ms': String(Date.now() + 900_000),
        'lambda-runtime-invoked-function-arn':
          'arn:aws:lambda:us-east-1:000000000000:function:test',
      });
      response.end(JSON.stringify(run.events[given - 1]));
      return;
    }
    void (async () => {
      answers.push(await read(request));
      response.writeHead(202).end('{}');
      if (answers.length === run.events.length || request.url?.includes('/init/') === true) {
        finished.resolve();
      }
    })();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const [command = '', ...args] = run.client;
  const child = spawn(command, [...args, handler], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/test',
      AWS_LAMBDA_LOG_STREAM_NAME: 'test',
      AWS_REGION: 'us-east-1',
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: handler,
      ...run.environment,
    },
  });
  let output = '';
  const keep = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  await Promise.race([finished.promise, closed]);
  child.kill('SIGKILL');
  await closed;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { answers, output };
}

async function read(request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    kind: request.url?.endsWith('/error') === true ? 'error' : 'response',
    contentType: request.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
    trailers: request.trailers,
  };
}

/** Splits a streamed HTTP response (JSON, eight NUL bytes, body) into its head and its body. */
export function splitStreamed(answer: Answer): { head: unknown; body: string } {
  const at = answer.body.indexOf(Buffer.alloc(8));
  return {
    head: JSON.parse(answer.body.subarray(0, at).toString()),
    body: answer.body.subarray(at + 8).toString(),
  };
}
