import { readFileSync, statSync } from 'node:fs';
import { sha256Of } from '../../files/sha256.ts';
import { settledAfterMs } from './settled.ts';

interface KnownDigest {
  /** The file's metadata when its bytes were read. */
  readonly stamp: string;
  readonly sha256: string;
}

/** The digests of settled files, for a process that builds again and again. */
const known = new Map<string, KnownDigest>();

/** The sha256 of a zip in the output directory; undefined when the zip does not exist. */
export function publishedDigest(file: string): string | undefined {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(file);
    const stamp = [size, mtimeMs, ctimeMs, ino].join(' ');
    const before = known.get(file);
    if (before?.stamp === stamp) return before.sha256;
    const sha256 = sha256Of(readFileSync(file));
    if (Math.max(mtimeMs, ctimeMs) < Date.now() - settledAfterMs) {
      known.set(file, { stamp, sha256 });
    }
    return sha256;
  } catch {
    return undefined;
  }
}
