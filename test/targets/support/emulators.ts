import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from '../../support/free-port.ts';

/** A Python environment with moto and MiniStack, made by `scripts/install-aws-tools.sh`. */
export const awsPython = process.env.BGFN_AWS_PYTHON;
const bin = path.dirname(awsPython ?? '');

/** Variables that the AWS SDK and `bgfn` read. The emulators accept any credentials. */
export const awsEnvironment = {
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** A running emulator of AWS, stopped at disposal. */
export interface Emulator extends AsyncDisposable {
  readonly url: string;
  /** The output of the emulator so far. */
  readonly output: () => string;
}

/** Starts moto without Docker: moto stores the configuration and runs nothing. */
export async function startMoto(): Promise<Emulator> {
  const emulator = await start(
    'moto_server',
    ['-p', '0'],
    {},
    /Running on (http:\/\/127\.0\.0\.1:\d+)/,
  );
  await fetch(`${emulator.url}/moto-api/config`, {
    method: 'POST',
    body: JSON.stringify({ lambda: { use_docker: false } }),
  });
  return emulator;
}

/**
 * Starts MiniStack, which runs Node zips and Go executables, with Lambda's asynchronous retries
 * after one and two seconds instead of minutes.
 */
export async function startMiniStack(): Promise<Emulator> {
  const port = await freePort();
  const emulator = await start(
    'ministack',
    [],
    { GATEWAY_PORT: String(port), LAMBDA_ASYNC_RETRY_BASE_SECONDS: '1' },
    /Running on (http:\/\/\S+:\d+)/,
  );
  return { ...emulator, url: `http://127.0.0.1:${port}` };
}

async function start(
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
  ready: RegExp,
): Promise<Emulator> {
  // In its own process group, so that its child processes end with the emulator.
  const child = spawn(path.join(bin, command), args, {
    env: { ...process.env, PYTHONUNBUFFERED: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
    const url = ready.exec(output)?.[1];
    if (url !== undefined) resolve(url);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('exit', () => reject(new Error(`${command} ended:\n${output}`)));
  const stop = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    process.kill(-child.pid, 'SIGKILL');
    await closed;
  };
  return { url: await promise, output: () => output, [Symbol.asyncDispose]: stop };
}

/** Calls one of AWS's query APIs (SQS, IAM, CloudFormation) and resolves to the XML. */
export async function callAws(
  { url }: Emulator,
  service: string,
  parameters: Record<string, string>,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(parameters),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${parameters.Action}: ${response.status} ${text}`);
  return text;
}

/** The text of the first element of that name. */
export function elementText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`)
    .exec(xml)?.[1]
    ?.replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
