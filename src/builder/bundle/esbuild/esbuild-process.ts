import { availableParallelism } from 'node:os';
import process from 'node:process';
import { transform } from 'esbuild';
import { Semaphore } from '../concurrency/semaphore.ts';

/**
 * When esbuild's process collects its heap. Measured on 28 functions: Go's default (GOGC=100) takes
 * 2.2 s of CPU time and 400 MB, GOGC=400 takes 1.8 s and 620 MB; no collection until there is
 * something to gain takes 1.55 s and 530 MB. GOGC=800 is as fast, but takes 1.6 GB for 500
 * functions. The price: where more than the limit is alive at once (several functions with tens of
 * megabytes of sources each), Go collects without end, and esbuild takes up to three times as
 * long.
 */
const heap = { GOGC: 'off', GOMEMLIMIT: '512MiB' };
/** For a machine or a container that has less than `roomyBytes` (four times the limit) to spare. */
const smallHeap = { GOGC: '100' };
const roomyBytes = 2 * 1024 * 1024 * 1024;

// esbuild has one child process for each process that uses it, whichever build makes a call. So its
// calls and its start are counted here and in no session.

/**
 * Calls of esbuild at once. Some wait inside esbuild, which takes them up while our own thread is
 * busy for a tenth of a second (with a trace). The outputs of more would only lie in memory.
 */
const calls = new Semaphore(Math.min(availableParallelism() + 6, 12));
let isStarted = false;

/**
 * Makes a call of esbuild's API once there is room for it. The first call starts esbuild's process,
 * which inherits the environment: the heap settings are in ours until this returns, and settings of
 * the user stay.
 */
export async function viaEsbuild<Result>(call: () => Promise<Result>): Promise<Result> {
  using _call = await calls.acquire();
  return await withHeapSettings(call);
}

/** Starts esbuild's process ahead of the first call, because the start takes it some time. */
export function startEsbuild(): void {
  // The first call that needs the process reports what is wrong with it.
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
