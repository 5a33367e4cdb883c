import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { OwnerRecord } from '../queue/store.ts';

/** Describes this process as the owner of its leases. */
export function describeOwner(nowMs: number): OwnerRecord {
  return {
    id: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    place: placeOf(),
    pid: process.pid,
    processStart: processStartOf(process.pid) ?? 'unknown',
    registeredAtMs: nowMs,
  };
}

/**
 * Whether `owner` has certainly ended: it ran in the same place as this process (host, boot and
 * process namespace), and its process id does not exist or belongs to a process with another start
 * time. Processes in other places cannot be checked; their leases expire.
 */
export function isDeadOwner(owner: OwnerRecord): boolean {
  if (owner.place !== placeOf()) {
    return false;
  }
  if (!isAlive(owner.pid)) {
    return true;
  }
  const start = processStartOf(owner.pid);
  return start !== undefined && owner.processStart !== 'unknown' && start !== owner.processStart;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return stateOf(pid) !== 'Z';
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/**
 * The name of the place in which process ids are unique. A container has its own process namespace,
 * and a machine has a new boot id after each boot.
 */
function placeOf(): string {
  if (process.platform !== 'linux') {
    return hostname();
  }
  return [
    hostname(),
    readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    readOr('', () => readlinkSync('/proc/self/ns/pid')),
  ].join('/');
}

/**
 * The fields of /proc/<pid>/stat after the process name, which may hold spaces and parentheses
 * (proc(5)).
 */
function statFields(pid: number): readonly string[] {
  const stat = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** The state of a process; `Z` if it has ended and its parent has not collected it yet. */
function stateOf(pid: number): string | undefined {
  return process.platform === 'linux' ? statFields(pid)[0] : undefined;
}

/** The start time of a process in the notation of its machine; `undefined` if it is not known. */
function processStartOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    // Field 22, "starttime", in ticks since boot; the first two fields are before the slice.
    return statFields(pid)[19];
  }
  const start = readOr('', () =>
    execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim(),
  );
  return start === '' ? undefined : start;
}

function readOr(fallback: string, read: () => string): string {
  try {
    return read();
  } catch {
    return fallback;
  }
}
