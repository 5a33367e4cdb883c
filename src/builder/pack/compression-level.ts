import { closeSync, openSync, readSync } from 'node:fs';
import type { BundleFile } from '../bundle/contract/bundle.ts';
import type { SizedFile } from './size-limits.ts';

/**
 * For code and data, level 5 comes within 2 % of the size of level 9 in a third of the time (level
 * 6: within 0.6 % in half of the time).
 */
const codeLevel = 5;
/**
 * For machine code, level 1 takes 207 ms for the 18.7 MB of libvips and leaves 8.7 MB; level 4
 * takes 273 ms and leaves 8.4 MB, level 6 takes 428 ms and leaves 8.2 MB. The time matters, because
 * one native library weighs as much as the code of fifty functions, and archiver deflates it in one
 * piece at the end of a build.
 */
const machineCodeLevel = 1;

/** Smaller files count as code: they are not opened to look for machine code. */
const machineCodeBytes = 1024 * 1024;

/**
 * The compression level for a zip. archiver has one level for all entries, so the majority of the
 * bytes decides.
 *
 * @throws {Error} The system error of a file that cannot be read
 */
export function compressionLevelOf(files: readonly (BundleFile & SizedFile)[]): number {
  let total = 0;
  let machineCode = 0;
  for (const file of files) {
    total += file.bytes;
    if (file.bytes >= machineCodeBytes && isBinary(file)) machineCode += file.bytes;
  }
  return machineCode > total / 2 ? machineCodeLevel : codeLevel;
}

/** Whether a file is binary, by the rule of git: text has no zero byte in its first 8000 bytes. */
function isBinary({ content }: BundleFile): boolean {
  const start = 'bytes' in content ? content.bytes.subarray(0, 8000) : startOf(content.copyFrom);
  return start.includes(0);
}

function startOf(file: string): Uint8Array {
  const start = new Uint8Array(8000);
  const descriptor = openSync(file, 'r');
  try {
    return start.subarray(0, readSync(descriptor, start));
  } finally {
    closeSync(descriptor);
  }
}
