import path from 'node:path';
import type { Metafile } from 'esbuild';
import type { PackageIndex } from '../../packages/package-index.ts';
import { absoluteIn } from './metafile-path.ts';

/**
 * Lists the files that a pass of esbuild read: the sources, and the package.json files that decided
 * how the sources were read. Absolute.
 */
export function inputsOfPass(
  metafile: Metafile,
  projectDirectory: string,
  packages: PackageIndex,
): readonly string[] {
  const inputs = new Set<string>();
  const absolute = absoluteIn(projectDirectory);
  for (const relative of Object.keys(metafile.inputs)) {
    if (relative.startsWith('bgfn:') || relative.startsWith('(disabled):')) continue;
    const file = absolute(relative);
    inputs.add(file);
    const owner = packages.ownerOf(file);
    if (owner !== undefined) inputs.add(path.join(owner.directory, 'package.json'));
  }
  return [...inputs];
}
