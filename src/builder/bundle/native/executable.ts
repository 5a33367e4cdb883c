import { statSync } from 'node:fs';
import path from 'node:path';
import { hasShebang, readNativeHeader } from './native-header.ts';

/** The names of shared libraries and of Node's addons. */
export const sharedObject = /\.node$|\.so(?:\.|$)/;

/**
 * Whether a package's file is meant to be executed. The content decides, because the mode on disk
 * depends on how the file was installed. Of files with the extension of code or data, only those
 * are opened that the mode on disk makes executable.
 */
export function isExecutable(file: string): boolean {
  if (sharedObject.test(file)) return true;
  const mayBe = !/\.[a-z0-9]+$/i.test(path.basename(file)) || /\.(?:sh|py|pl|exe|bin)$/.test(file);
  if (!mayBe && !hasExecutableBit(file)) return false;
  return readNativeHeader(file) !== undefined || hasShebang(file);
}

/**
 * Returns the mode of a first-party file in an artifact. A file that its author made executable
 * stays executable; no other bit of the mode counts, so the umask of a checkout does not change an
 * artifact. The content decides as well, because some ways to get at a project lose the modes (zip
 * downloads, artifacts of a CI, `core.fileMode = false`). A link has the mode of its target.
 */
export function firstPartyMode(file: string): 0o644 | 0o755 {
  return hasExecutableBit(file) || isExecutable(file) ? 0o755 : 0o644;
}

function hasExecutableBit(file: string): boolean {
  return (statSync(file).mode & 0o111) !== 0;
}
