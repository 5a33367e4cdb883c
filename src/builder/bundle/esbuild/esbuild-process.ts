import { availableParallelism } from 'node:os';
import process from 'node:process';
import { transform } from 'esbuild';
import { Semaphore } from '../concurrency/semaphore.ts';

/**
 * Settings for the garbage collector of esbuild's process. Measured on 28 functions: Go's default
 * (GOGC=100) takes 2.2 s of CPU time and 400 MB, GOGC=400 takes 1.8 s and 620 MB; no collection
 * below a memory limit takes 1.55 s and 530 MB. GOGC=800 is as fast, but takes 1.6 GB for 500
 * functions. The price of the limit: when more than 512 MiB are alive at once (several functions
 * with tens of megabytes of sources each), Go collects without end, and esbuild takes up to three
 * times as long.
 */
const heap = { GOGC: 'off', GOMEMLIMIT: '512MiB' };
/**
 * For a machine or a container with less than `roomyBytes` (four times the limit) of available
 * memory.
 */
const smallHeap = { GOGC: '100' };
const roomyBytes = 2 * 1024 * 1024 * 1024;

// esbuild has one child process for each process that uses it, whichever build makes a call. So the
// limit of its calls and its start belong to the process and not to a session.

/**
 * Limits the calls of esbuild at once. It allows more calls than there are cores (6 more), so that
 * esbuild has work while our own thread is busy with a trace, for a tenth of a second. It allows no
 * more than 12, because the outputs of further calls would only take memory.
 */
const calls = new Semaphore(Math.min(availableParallelism() + 6, 12));
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
  const settings = process.availableMemory() < roomyBytes ? smallHeap : heap;
  Object.assign(process.env, settings);
  try {
    return call();
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}
