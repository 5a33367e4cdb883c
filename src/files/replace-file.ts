import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a file (or a directory) under a temporary name beside `target` and renames it to `target`,
 * so that a reader sees the old file or the new file, but never half a file. The temporary file is
 * removed when `make` or the rename fails. The directory of `target` is created when it does not
 * exist.
 *
 * @param make Creates the file at `temporaryPath`
 * @returns The result of `make`
 */
export async function replaceFile<T>(
  target: string,
  make: (temporaryPath: string) => Promise<T>,
): Promise<T> {
  const { dir, base } = path.parse(target);
  await mkdir(dir, { recursive: true });
  const temporary = path.join(dir, `.${base}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const result = await make(temporary);
    await rename(temporary, target);
    return result;
  } catch (error) {
    // A failed removal must not hide the error of `make` or of the rename.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** Writes `content` to `file` through `replaceFile`. */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
): Promise<void> {
  await replaceFile(file, (temporary) => writeFile(temporary, content));
}
