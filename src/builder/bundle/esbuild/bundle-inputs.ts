import path from 'node:path';
import type { Metafile } from 'esbuild';
import { packageOf } from '../packages/package-index.ts';
import { absoluteIn } from './metafile-path.ts';

/**
 * Every file whose change can change the bundle: the sources, and the package.json and
 * tsconfig.json files that decided how they were read. Absolute, sorted, without duplicates.
 */
export function inputsOf(
  metafile: Metafile,
  projectDirectory: string,
  others: Iterable<string> = [],
): readonly string[] {
  const inputs = new Set<string>(others);
  const absolute = absoluteIn(projectDirectory);
  for (const relative of Object.keys(metafile.inputs)) {
    if (relative.startsWith('bgfn:') || relative.startsWith('(disabled):')) continue;
    const file = absolute(relative);
    inputs.add(file);
    const owner = packageOf(file);
    if (owner !== undefined) inputs.add(path.join(owner.directory, 'package.json'));
  }
  return [...inputs].toSorted();
}
