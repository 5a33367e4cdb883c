import { statSync } from 'node:fs';

/** Returns the path when a file is there; undefined for a directory or nothing. */
export function existingFile(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined;
}
