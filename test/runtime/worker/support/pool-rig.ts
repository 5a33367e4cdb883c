import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createWorkerPool,
  type WorkerPoolOptions,
} from '../../../../src/runtime/worker/pool/pool.ts';
import type {
  RunnableFunction,
  RunOutcome,
  WorkerLogLine,
  WorkerPool,
} from '../../../../src/runtime/worker/worker.ts';

export const behaviours = fileURLToPath(
  new URL('../../../../fixtures/worker/behaviours', import.meta.url),
);

/** Returns a function whose module is `fixtures/worker/behaviours/<name>.mjs`. */
export function behaviour(name: string, more: Partial<RunnableFunction> = {}): RunnableFunction {
  return {
    name,
    runtime: 'js',
    directory: behaviours,
    handler: `${name}.handler`,
    environment: {},
    version: '1',
    ...more,
  };
}

export interface RunResult {
  readonly outcome: RunOutcome;
  readonly lines: readonly WorkerLogLine[];
}

/** A run in progress, whose output can be waited for. */
export interface RunInProgress {
  readonly done: Promise<RunResult>;
  /** Resolves with the text of the first line that matches. */
  line(pattern: RegExp): Promise<string>;
}

/** A pool with shortcuts for tests; `await using` ends its processes. */
export class PoolRig {
  readonly pool: WorkerPool;
  /** The lines that workers printed while they ran nothing. */
  readonly betweenRuns: WorkerLogLine[] = [];
  readonly #waiters = new Set<() => void>();
  #runs = 0;

  constructor(options: WorkerPoolOptions = {}) {
    this.pool = createWorkerPool({
      ...options,
      onOutput: (_, line) => {
        this.betweenRuns.push(line);
        for (const wake of this.#waiters) wake();
      },
    });
  }

  start(
    fn: RunnableFunction,
    event: unknown = {},
    request: { timeoutMs?: number; signal?: AbortSignal; onStart?: () => void } = {},
  ): RunInProgress {
    const lines: WorkerLogLine[] = [];
    const waiters = new Set<() => void>();
    this.#runs += 1;
    const done = this.pool
      .run(fn, {
        invocationId: `invocation-${this.#runs}`,
        attempt: 1,
        payload: Buffer.from(JSON.stringify(event)),
        timeoutMs: 20_000,
        ...request,
        onLog: (line) => {
          lines.push(line);
          for (const wake of waiters) wake();
        },
      })
      .then((outcome) => ({ outcome, lines }));
    return { done, line: (pattern) => firstMatch(lines, waiters, pattern) };
  }

  async run(
    fn: RunnableFunction,
    event?: unknown,
    request?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<RunResult> {
    return await this.start(fn, event, request).done;
  }

  /** Returns the JSON that the handler returned. Throws if the run did not succeed. */
  async result<T = { readonly calls: number; readonly pid: number }>(
    fn: RunnableFunction,
    event?: unknown,
  ): Promise<T> {
    const { outcome } = await this.run(fn, event);
    if (outcome.kind !== 'succeeded' || outcome.response.kind !== 'buffered') {
      throw new Error(`No result: ${JSON.stringify(outcome)}`);
    }
    const value: T = JSON.parse(Buffer.from(outcome.response.body).toString());
    return value;
  }

  lineBetweenRuns(pattern: RegExp): Promise<string> {
    return firstMatch(this.betweenRuns, this.#waiters, pattern);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close();
  }
}

function firstMatch(
  lines: readonly WorkerLogLine[],
  waiters: Set<() => void>,
  pattern: RegExp,
): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      const found = lines.find((line) => pattern.test(line.text));
      if (found === undefined) return;
      waiters.delete(look);
      resolve(found.text);
    };
    waiters.add(look);
    look();
  });
}

/** Whether a process exists. A zombie counts as gone. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!exists(pid)) return false;
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(path.join('/proc', String(pid), 'stat'), 'utf8').catch(() => '');
  // The text is empty if the process has ended in the meantime, or if this system has no /proc.
  return stat === '' ? exists(pid) : !/^\d+ \(.*\) Z/s.test(stat);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the process is gone. */
export async function gone(pid: number): Promise<void> {
  while (await isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}
