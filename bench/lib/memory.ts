import { readFileSync, readdirSync } from 'node:fs';

/** Memory of processes, in MB. All functions of this file return undefined on systems without /proc. */
export interface MemoryUse {
  /** Resident memory of the process itself. */
  readonly ownMb: number;
  /**
   * Memory of the process and all its descendants. A page that several processes share, such as the
   * program's code, is counted once.
   */
  readonly treeMb: number;
}

/** Memory of a process and its descendants at this moment. */
export function memoryOf(root: number | undefined): MemoryUse | undefined {
  if (root === undefined) return undefined;
  const ownMb = statusOf(root)?.residentMb;
  const tree = descendantsOf(root);
  if (ownMb === undefined || tree === undefined) return undefined;
  return { ownMb, treeMb: sum([root, ...tree.map(({ pid }) => pid)].map(proportionalMb)) };
}

/**
 * Resident memory of a process and its descendants. Shared pages are counted for each process,
 * which makes this function cheap enough for frequent sampling.
 */
export function residentMbOfTree(root: number): number | undefined {
  const own = statusOf(root);
  const tree = descendantsOf(root);
  return own === undefined || tree === undefined
    ? undefined
    : own.residentMb + sum(tree.map(({ residentMb }) => residentMb));
}

interface Status {
  readonly pid: number;
  readonly parent: number;
  readonly residentMb: number;
}

function descendantsOf(root: number): readonly Status[] | undefined {
  let pids: readonly number[];
  try {
    pids = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number);
  } catch {
    return undefined;
  }
  const processes = new Map<number, Status>();
  for (const pid of pids) {
    const status = statusOf(pid);
    if (status !== undefined) processes.set(pid, status);
  }
  return [...processes.values()].filter(({ parent }) => descendsFrom(parent, root, processes));
}

function descendsFrom(pid: number, root: number, processes: ReadonlyMap<number, Status>): boolean {
  for (
    let current: number | undefined = pid;
    current !== undefined && current !== 0;
    current = processes.get(current)?.parent
  ) {
    if (current === root) return true;
  }
  return false;
}

function statusOf(pid: number): Status | undefined {
  const status = readProc(`${pid}/status`);
  return status === undefined
    ? undefined
    : {
        pid,
        parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
        residentMb: kilobytes(status, 'VmRSS') / 1024,
      };
}

function proportionalMb(pid: number): number {
  return kilobytes(readProc(`${pid}/smaps_rollup`) ?? '', 'Pss') / 1024;
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(String.raw`^${field}:\s+(\d+)`, 'm').exec(text)?.[1] ?? 0);
}

function readProc(file: string): string | undefined {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return undefined; // The process has ended meanwhile, or there is no /proc.
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
