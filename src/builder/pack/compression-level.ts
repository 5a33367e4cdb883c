import { closeSync, openSync, readSync } from 'node:fs';
import type { BundleFile } from '../bundle/contract/bundle.ts';
import type { SizedFile } from './size-limits.ts';

/**
 * Code and data: level 5 is within 2 % of level 9, in a third of the time (level 6: 0.6 %, half).
 * Machine code: level 4 is within 2 % of level 6, in two thirds of the time, and a native library
 * weighs as much as the code of fifty functions.
 */
const codeLevel = 5;
const machineCodeLevel = 4;

const machineCodeBytes = 1024 * 1024;

/**
 * The level for a zip: the packer has one for all entries, so most of the bytes decide. Throws the
 * error of a file that cannot be read.
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

/** As git tells: text has no zero byte near its start. */
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
