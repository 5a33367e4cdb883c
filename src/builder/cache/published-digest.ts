import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

interface Known {
  readonly stamp: string;
  readonly sha256: string;
}

/** Digests of files that have been at rest, for a process that builds again and again. */
const known = new Map<string, Known>();
/** Younger files are read: two writes can share one tick of a file system's clock. */
const settledAfterMs = 2000;

/** The sha256 of a zip in the output directory; undefined when there is none. */
export function publishedDigest(file: string): string | undefined {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(file);
    const stamp = [size, mtimeMs, ctimeMs, ino].join(' ');
    const before = known.get(file);
    if (before?.stamp === stamp) return before.sha256;
    const sha256 = hash('sha256', readFileSync(file), 'hex');
    if (Math.max(mtimeMs, ctimeMs) < Date.now() - settledAfterMs) {
      known.set(file, { stamp, sha256 });
    }
    return sha256;
  } catch {
    return undefined;
  }
}
