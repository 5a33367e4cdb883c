import { readFileSync } from 'node:fs';
import type { Clock } from '../../platform/clock.ts';

/** Time between checks while the process loads or runs something, and while it should be idle. */
const checkMs = { busy: 200, idle: 1000 } as const;
/** Memory that a process may use beyond the function's memory, for code, threads and the like. */
const headroomMb = 192;

/**
 * Checks the memory of a process, and calls `onExceeded` once when the process uses far more than
 * the function may. V8's heap limit alone is not enough, because it bounds neither buffers nor
 * native code nor Go.
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

  /** Starts the checks, or changes their pace. */
  watch(pid: number | undefined, pace: keyof typeof checkMs): void {
    this.#cancel();
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(checkMs[pace], () => {
      const usedMb = residentMemoryMb(pid);
      if (usedMb > this.#memoryMb + headroomMb) this.#onExceeded(usedMb);
      else this.watch(pid, pace);
    });
  }

  /** Whether the kernel has killed any process for lack of memory since this watch was created. */
  get oomKillerRan(): boolean {
    return oomKillCount() > this.#oomKillsBefore;
  }

  /** Ends the checks for good. A `watch` that is called after the end of the process does nothing. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}

/**
 * Returns the resident memory of a process: 0 if the process is gone, and on systems other than
 * Linux.
 */
function residentMemoryMb(pid: number | undefined): number {
  return Math.round(numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m) / 1024);
}

/**
 * Returns how many processes the kernel has killed for lack of memory since boot: 0 if not on
 * Linux.
 */
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
