import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Files that were not used for this long are removed. */
const maxAgeMs = 30 * 86_400_000;
/** A cache of more bytes loses the least recently used files. */
const maxBytes = 1024 ** 3;
/** The time between two prunings of a cache. */
const intervalMs = 3_600_000;
/** A temporary file of this age belongs to a build that was killed. */
const abandonedAfterMs = 3_600_000;

interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedAtMs: number;
}

/**
 * Removes the files of a cache directory that are too old, and the least recently used files of a
 * cache that is too large. Another build that loses a file this way builds the function again.
 */
export async function prune(
  directory: string,
  nowMs: number,
  limits = { maxAgeMs, maxBytes, intervalMs },
): Promise<void> {
  const marker = path.join(directory, '.pruned');
  const last = await stat(marker).catch(() => undefined);
  if (last !== undefined && nowMs - last.mtimeMs < limits.intervalMs) return;
  await mkdir(directory, { recursive: true });
  await writeFile(marker, '');
  const files = [
    ...(await filesIn(path.join(directory, 'zips'))),
    ...(await filesIn(path.join(directory, 'records'))),
  ];
  let bytes = 0;
  for (const file of files.toSorted((a, b) => b.usedAtMs - a.usedAtMs)) {
    const ageMs = nowMs - file.usedAtMs;
    bytes += file.bytes;
    const stale =
      ageMs > limits.maxAgeMs ||
      bytes > limits.maxBytes ||
      (file.path.endsWith('.tmp') && ageMs > abandonedAfterMs);
    if (stale) await rm(file.path, { force: true });
  }
}

async function filesIn(directory: string): Promise<CacheFile[]> {
  const names = await readdir(directory).catch((): string[] => []);
  const files: CacheFile[] = [];
  for (const name of names) {
    const file = path.join(directory, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats !== undefined) files.push({ path: file, bytes: stats.size, usedAtMs: stats.mtimeMs });
  }
  return files;
}
