import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { memoryOf, type MemoryUse } from './memory.ts';

/** A server under load: a child process that prints its address. */
export interface LoadTarget extends AsyncDisposable {
  readonly url: string;
  /** Memory that the server uses now. */
  memory(): MemoryUse | undefined;
}

/** Starts a server and waits for the line with its address. */
export async function startTarget(
  command: readonly [string, ...string[]],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<LoadTarget> {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  const url = await firstAddress(child);
  return {
    url,
    memory: () => memoryOf(child.pid),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        if (printed.length < 50) printed.push(line);
        const [address] = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line) ?? [];
        if (address !== undefined) resolve(address);
      });
    }
    child.once('error', reject);
    child.once('close', (code) =>
      reject(new Error(`The server ended with ${code}:\n${printed.join('\n')}`)),
    );
  });
}

const resultSchema = z.object({
  '2xx': z.number(),
  non2xx: z.number(),
  errors: z.number(),
  duration: z.number(),
  latency: z.object({ p50: z.number(), p99: z.number() }),
});

export interface LoadResult {
  /** Responses per second with a 2xx status. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Responses with another status, and requests without a response. */
  readonly failures: number;
}

/**
 * Loads a URL with autocannon in a process of its own. `npm ci` in bench/install installs
 * autocannon.
 */
export function load(
  installDirectory: string,
  url: string,
  options: {
    readonly connections: number;
    readonly seconds: number;
    readonly method: string;
    readonly body?: string | undefined;
  },
): LoadResult {
  const autocannon = path.join(installDirectory, 'node_modules', 'autocannon', 'autocannon.js');
  const body =
    options.body === undefined ? [] : ['-b', options.body, '-H', 'content-type=application/json'];
  const args = [
    autocannon,
    '-c',
    String(options.connections),
    '-d',
    String(options.seconds),
    '-m',
    options.method,
    ...body,
    '--json',
    '--no-progress',
    url,
  ];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (result.status !== 0) {
    throw new Error(`autocannon ended with ${result.status}: ${result.stderr}`);
  }
  const parsed = resultSchema.parse(JSON.parse(result.stdout));
  return {
    perSecond: parsed['2xx'] / parsed.duration,
    p50Ms: parsed.latency.p50,
    p99Ms: parsed.latency.p99,
    failures: parsed.non2xx + parsed.errors,
  };
}
