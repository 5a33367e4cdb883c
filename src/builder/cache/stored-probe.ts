import type { Probe, Stamp } from './fingerprint.ts';
import { settledAfterMs } from './settled.ts';

/** A probe as a record of the cache keeps it. */
export interface StoredProbe {
  readonly probe: Probe;
  readonly digest: string;
  /** Stands in for the digest while it is the same; undefined when the file was too young. */
  readonly stamp?: Stamp | undefined;
}

/** How far a file system's clock can be behind the system's: one tick of the slowest kernel timer. */
const clockSlackMs = 20;

export function storedProbe(
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

/** Whether a file may have changed after a build started, which may have read it in either state. */
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
