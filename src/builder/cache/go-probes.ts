import path from 'node:path';
import type { GoSourceEntry } from '../discover/scan/entry.ts';
import { contentProbe, type Probe } from './fingerprint.ts';

/**
 * The probes that decide whether a Go binary would be the same: the inputs, the names of the files
 * beside them (a new file belongs to the package), and the module files in every directory above,
 * which take effect when they appear. The cache's key covers the toolchain. Installed npm modules
 * do not matter.
 */
export function goProbesOf(entry: GoSourceEntry, inputs: readonly string[]): Probe[] {
  const contents = new Set(inputs);
  const directory = path.dirname(entry.mainFile);
  for (const input of inputs) {
    if (!isSource(input)) continue;
    // A function that is a single file is compiled alone: the files beside it are other functions.
    const isOther = path.dirname(input) !== directory;
    if (entry.directory !== undefined || isOther) contents.add(path.dirname(input));
  }
  let hasModule = false;
  for (let at = directory; ; at = path.dirname(at)) {
    contents.add(path.join(at, 'go.work'));
    // Go reads the nearest go.mod only.
    if (!hasModule) contents.add(path.join(at, 'go.mod'));
    hasModule ||= inputs.includes(path.join(at, 'go.mod'));
    if (path.dirname(at) === at) break;
  }
  return Array.from(contents, contentProbe);
}

/**
 * Whether `go build` compiles a file, and would therefore compile a new file beside it. Embedded
 * directories are inputs themselves.
 */
function isSource(file: string): boolean {
  return /\.(?:go|[sSh])$/.test(file);
}
