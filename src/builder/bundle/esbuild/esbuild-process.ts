import { availableParallelism } from 'node:os';
import process from 'node:process';
import { transform } from 'esbuild';
import { Slots } from '../concurrency/semaphore.ts';

/**
 * When esbuild's process collects its heap. Measured on 28 functions: Go's default (GOGC=100) takes
 * 2.2 s of CPU time and 400 MB, GOGC=400 takes 1.8 s and 620 MB; no collection until there is
 * something to gain takes 1.55 s and 530 MB. GOGC=800 is as fast, but takes 1.6 GB for 500
 * functions. The price: where more than the limit is alive at once (several functions with tens of
 * megabytes of sources each), Go collects without end, and esbuild takes up to three times as
 * long.
 */
const heap = { GOGC: 'off', GOMEMLIMIT: '512MiB' };
/** On a machine (or in a container) with less than four times that much memory to spare. */
const smallHeap = { GOGC: '100' };
const roomyBytes = 2 * 1024 * 1024 * 1024;

/**
 * Calls that wait inside esbuild are taken up while our own thread is busy for a tenth of a second
 * (with a trace). The outputs of more would only lie in memory.
 */
const slots = new Slots(Math.min(availableParallelism() + 6, 12));

let started = false;

/**
 * Makes a call of esbuild's API once there is a slot for it. The first one starts esbuild's
 * process, which takes the environment of that moment; ours is as it was when this returns, and
 * what the user set stays.
 */
export async function viaEsbuild<Result>(call: () => Promise<Result>): Promise<Result> {
  using _slot = await slots.take();
  return await withHeapSettings(call);
}

/** Starts esbuild's process, which takes it some time, before there is anything to do for it. */
export function startEsbuild(): void {
  // Whatever is wrong with it is told by the first call that needs it.
  withHeapSettings(() => transform('')).catch(() => undefined);
}

function withHeapSettings<Result>(call: () => Promise<Result>): Promise<Result> {
  if (started || process.env['GOGC'] !== undefined || process.env['GOMEMLIMIT'] !== undefined) {
    return call();
  }
  started = true;
  const settings = process.availableMemory() < roomyBytes ? smallHeap : heap;
  Object.assign(process.env, settings);
  try {
    return call();
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}
