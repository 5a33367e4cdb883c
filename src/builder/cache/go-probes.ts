import { dirname, join } from 'node:path';
import type { GoSourceEntry } from '../discover/scan/entry.ts';
import type { Probe } from './fingerprint.ts';

/**
 * Everything that has to be the same for a Go binary to be the same: the inputs, the names of the
 * files beside them (a new one belongs to the package) and the module files that could come to hold
 * above. The toolchain is in the cache's key; what npm installs does not matter.
 */
export function goProbesOf(entry: GoSourceEntry, inputs: readonly string[]): Probe[] {
  const contents = new Set(inputs);
  const directory = dirname(entry.mainFile);
  for (const input of inputs) {
    if (!isSource(input)) continue;
    // A lone file is compiled by itself: its neighbours are other functions.
    if (entry.directory !== undefined || dirname(input) !== directory) contents.add(dirname(input));
  }
  let hasModule = false;
  for (let at = directory; ; at = dirname(at)) {
    contents.add(join(at, 'go.work'));
    // The nearest go.mod is the one that counts.
    if (!hasModule) contents.add(join(at, 'go.mod'));
    hasModule ||= inputs.includes(join(at, 'go.mod'));
    if (dirname(at) === at) break;
  }
  return [...contents].map((path): Probe => ({ kind: 'content', path }));
}

/**
 * A new file beside one of these is compiled too. Directories that are embedded are inputs
 * themselves.
 */
function isSource(file: string): boolean {
  return /\.(?:go|[sSh])$/.test(file);
}
