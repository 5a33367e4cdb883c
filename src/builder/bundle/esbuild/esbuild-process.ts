import { availableParallelism } from 'node:os';
import process from 'node:process';
import { transform } from 'esbuild';
import { Semaphore } from '../concurrency/semaphore.ts';

/**
 * Setting for the garbage collector of esbuild's process: the heap grows to five times of what is
 * alive before Go collects. Measured on 28 functions, in processor time of the whole build: Go's
 * default (100) takes 15 % more, 200 takes 4 % more, and 800 takes 1.6 GB for 500 functions. No
 * collection below a fixed limit (GOGC=off, GOMEMLIMIT=512MiB) takes 8 % less, but Go collects
 * without end once more than the limit is alive: seven functions that import a package of 124 MB
 * then take 86 s instead of 14.
 */
const heapGrowth = '400';
/**
 * Share of the available memory from which on Go collects as often as it has to. A larger heap
 * would be killed soon, so the limit costs nothing that could be had.
 */
const heapShare = 0.75;

// esbuild has one child process for each process that uses it, whichever build makes a call. So the
// limit of its calls and its start belong to the process and not to a session.

/**
 * Limits the calls of esbuild at once. It allows more calls than there are cores (6 more), so that
 * esbuild has work while our own thread is busy with a trace, for a tenth of a second. It allows no
 * more than 12, because the outputs of further calls would only take memory.
 */
export const maxCalls = Math.min(availableParallelism() + 6, 12);
const calls = new Semaphore(maxCalls);
let isStarted = false;

/**
 * Makes a call of esbuild's API once the limit allows it. The first call starts esbuild's process,
 * which inherits the environment: the heap settings are set only while that call is made, and only
 * if the user has set none.
 */
export async function viaEsbuild<Result>(call: () => Promise<Result>): Promise<Result> {
  using _call = await calls.acquire();
  return await withHeapSettings(call);
}

/** Starts esbuild's process ahead of the first call, because the start takes some time. */
export function startEsbuild(): void {
  // If the start fails, the first call that needs the process reports the error.
  withHeapSettings(() => transform('')).catch(() => undefined);
}

function withHeapSettings<Result>(call: () => Promise<Result>): Promise<Result> {
  if (isStarted || process.env['GOGC'] !== undefined || process.env['GOMEMLIMIT'] !== undefined) {
    return call();
  }
  isStarted = true;
  const limit = Math.floor((process.availableMemory() * heapShare) / 2 ** 20);
  const settings = { GOGC: heapGrowth, GOMEMLIMIT: `${limit}MiB` };
  Object.assign(process.env, settings);
  try {
    return call();
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}
