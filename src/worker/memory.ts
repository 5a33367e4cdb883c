import { readFileSync } from 'node:fs';
import type { WorkerClock } from './clock.ts';

const checkMs = 200;
/** What a process may use beyond the function's memory: code, threads and the like, which are outside of Node's heap. */
const headroomMb = 192;

/**
 * Tells once that a process uses far more than `memoryMb`. A limit of V8's heap bounds neither buffers nor native code nor Go.
 * The function returned ends the watch.
 */
export function watchMemory(clock: WorkerClock, pid: number | undefined, memoryMb: number, onExceeded: (usedMb: number) => void): () => void {
  let cancel = clock.after(checkMs, check);
  function check(): void {
    const usedMb = residentMemoryMb(pid);
    if (usedMb > memoryMb + headroomMb) onExceeded(usedMb);
    else cancel = clock.after(checkMs, check);
  }
  return () => cancel();
}

/** Memory of a process that is in RAM, in MB; 0 where the system does not say (Linux only) or it is gone. */
function residentMemoryMb(pid: number | undefined): number {
  return Math.round(numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m) / 1024);
}

/** How often the kernel has killed a process for want of memory since boot; 0 where it does not say. */
export function oomKillCount(): number {
  return numberIn('/proc/vmstat', /^oom_kill (\d+)$/m);
}

function numberIn(file: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
