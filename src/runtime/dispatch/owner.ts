import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { OwnerRecord } from '../queue/store.ts';

/** Describes this process, as the owner of the leases it will hold. */
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
 * True only when `owner` has certainly ended: it ran in this very place (host, boot and process
 * namespace), and its process id is gone or belongs to a process that started at another time.
 * Nothing is known here of processes in other places; their leases expire.
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
    // EPERM: the process is there, but belongs to another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/**
 * Names the place in which process ids are unique. A container has its own process namespace, a
 * rebooted machine another boot id.
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

/** The state of a process; `Z` when it has ended and its parent has not collected it. */
function stateOf(pid: number): string | undefined {
  return process.platform === 'linux' ? statFields(pid)[0] : undefined;
}

/** When a process started, in its machine's own notation; `undefined` when that is not known. */
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
