import { readFileSync } from 'node:fs';

/** Memory of a process that is in RAM, in MB; 0 where the system does not say (Linux only) or it is gone. */
export function residentMemoryMb(pid: number | undefined): number {
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
