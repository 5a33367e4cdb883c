import { statSync } from 'node:fs';

/** Returns the path when a file exists there; undefined for a directory and for a missing file. */
export function existingFile(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined;
}
