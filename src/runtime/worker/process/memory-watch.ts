import { readFileSync } from 'node:fs';
import type { Clock } from '../../platform/clock.ts';

/**
 * How often a process is looked at while it loads or runs something, and while it should do
 * nothing.
 */
const checkMs = { busy: 200, idle: 1000 } as const;
/**
 * What a process may use beyond the function's memory: code, threads and the like, which are
 * outside of Node's heap.
 */
const headroomMb = 192;

/**
 * Tells once that a process uses far more than the function's memory. A limit of V8's heap bounds
 * neither buffers nor native code nor Go.
 */
export class MemoryWatch {
  readonly #clock: Clock;
  readonly #memoryMb: number;
  readonly #onExceeded: (usedMb: number) => void;
  #cancel: () => void = () => undefined;
  readonly #oomKillsBefore = oomKillCount();
  #stopped = false;

  constructor(clock: Clock, memoryMb: number, onExceeded: (usedMb: number) => void) {
    this.#clock = clock;
    this.#memoryMb = memoryMb;
    this.#onExceeded = onExceeded;
  }

  /** Begins, or goes on at another pace. */
  watch(pid: number | undefined, pace: keyof typeof checkMs): void {
    this.#cancel();
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(checkMs[pace], () => {
      const usedMb = residentMemoryMb(pid);
      if (usedMb > this.#memoryMb + headroomMb) this.#onExceeded(usedMb);
      else this.watch(pid, pace);
    });
  }

  /** The kernel has killed something for want of memory since this was made. */
  get oomKillerRan(): boolean {
    return oomKillCount() > this.#oomKillsBefore;
  }

  /** For good: its process has ended, and what is heard of that later begins nothing again. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}

/**
 * Memory of a process that is in RAM, in MB; 0 where the system does not say (Linux only) or it is
 * gone.
 */
function residentMemoryMb(pid: number | undefined): number {
  return Math.round(numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m) / 1024);
}

/** How often the kernel has killed a process for want of memory since boot; 0 where it does not say. */
function oomKillCount(): number {
  return numberIn('/proc/vmstat', /^oom_kill (\d+)$/m);
}

function numberIn(file: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
