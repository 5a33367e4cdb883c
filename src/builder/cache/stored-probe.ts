import type { Probe, Stamp } from './fingerprint.ts';
import { settledAfterMs } from './settled.ts';

/** A probe and its answer, as a record of the cache keeps them. */
export interface StoredProbe {
  readonly probe: Probe;
  readonly digest: string;
  /**
   * The file's metadata. While it is the same, the digest need not be taken again. Undefined when
   * the file was not settled, and for other things than files.
   */
  readonly stamp?: Stamp | undefined;
}

/** How far a file system's clock can be behind the system clock: a tick of the slowest kernel timer. */
const clockSlackMs = 20;

export function storedProbeOf(
  probe: Probe,
  digest: string,
  stamp: Stamp | undefined,
  nowMs: number,
): StoredProbe {
  if (stamp === undefined) return { probe, digest };
  const [, mtimeMs, ctimeMs] = stamp;
  const isSettled = Math.max(mtimeMs, ctimeMs) < nowMs - settledAfterMs;
  return isSettled ? { probe, digest, stamp } : { probe, digest };
}

/**
 * Whether a file may have changed after a build started. Such a build may have read the file in its
 * old or in its new state.
 */
export function changedSince([, , ctimeMs]: Stamp, startedAtMs: number): boolean {
  return ctimeMs >= startedAtMs - clockSlackMs;
}

/** Whether a file still has the metadata that was stored. */
export function hasStamp({ stamp: stored }: StoredProbe, stamp: Stamp | undefined): boolean {
  return (
    stamp !== undefined &&
    stored !== undefined &&
    stamp.every((part, index) => part === stored[index])
  );
}
