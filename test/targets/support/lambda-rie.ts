import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from '../../support/free-port.ts';

/** Amazon's own emulator of Lambda, which `scripts/install-aws-tools.sh` extracts from the SAM CLI. */
export const lambdaRie = process.env.BGFN_LAMBDA_RIE;

export interface RieOptions {
  /** Command and arguments of the runtime, as in the entry point of an image. */
  readonly command: readonly string[];
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

/** The running emulator with one function, named `f`. */
export interface Rie extends AsyncDisposable {
  /** Address of the Runtime API, `host:port`. */
  readonly runtimeApi: string;
  /**
   * Invokes the function and resolves to the text of the response or of the error, because the
   * emulator does not distinguish the two.
   */
  invoke(event: string): Promise<string>;
  /** Resolves once the function or the emulator has printed a matching text. */
  printed(pattern: RegExp): Promise<void>;
}

/** Starts the emulator and resolves when it listens. The first invocation starts the function. */
export async function startRie({
  command,
  directory,
  environment,
  timeoutSeconds = 60,
}: RieOptions): Promise<Rie> {
  // Both at the same time, so that the ports differ.
  const [front, api] = await Promise.all([freePort(), freePort()]);
  const args = [
    '--runtime-interface-emulator-address',
    `127.0.0.1:${front}`,
    '--runtime-api-address',
    `127.0.0.1:${api}`,
    ...command,
  ];
  const child = spawn(lambdaRie ?? '', args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutSeconds),
      AWS_REGION: 'us-east-1',
      ...environment,
    },
  });
  let output = '';
  const printed = new EventEmitter();
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
    printed.emit('more');
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const closed = once(child, 'close');
  const ended = closed.then(() => Promise.reject(new Error(`aws-lambda-rie ended:\n${output}`)));
  ended.catch(() => undefined);
  await Promise.race([Promise.all([listens(front), listens(api)]), ended]);
  return {
    runtimeApi: `127.0.0.1:${api}`,
    invoke: async (event) => {
      const response = await fetch(
        `http://127.0.0.1:${front}/2015-03-31/functions/function/invocations`,
        { method: 'POST', body: event },
      );
      return await response.text();
    },
    printed: async (pattern) => {
      while (!pattern.test(output)) await Promise.race([once(printed, 'more'), ended]);
    },
    [Symbol.asyncDispose]: async () => {
      // At SIGTERM the emulator ends the function with its process group; at SIGKILL the function would
      // be left behind.
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Resolves when a process listens on the port. */
async function listens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // Nobody listens yet.
    } finally {
      socket.destroy();
    }
  }
}
