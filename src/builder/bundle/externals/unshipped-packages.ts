import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { packageNameOf } from '../packages/package-name.ts';
import type { BundleRequest } from '../session/bundle-request.ts';

/**
 * Warns about packages that a function with `nodeBundler: 'none'` imports and that are not in its
 * artifact: as on Netlify, such a function gets the packages that `includedFiles` names, and no
 * others.
 *
 * @param specifiers The imports that lead from the function's code into packages
 * @param included The files that the author includes; absolute
 */
export function unshippedPackages(
  specifiers: Iterable<string>,
  included: readonly string[],
  { spec, options }: BundleRequest,
): readonly Diagnostic[] {
  if (spec.bundling.nodeBundler !== 'none') return [];
  const installed = path.join(options.projectDirectory, 'node_modules');
  const names = new Set(Array.from(specifiers, packageNameOf));
  const missing = [...names].filter((name) => {
    const directory = path.join(installed, name) + path.sep;
    return !included.some((file) => file.startsWith(directory));
  });
  if (missing.length === 0) return [];
  const list = missing.toSorted().join(', ');
  return [
    {
      severity: 'warning',
      code: 'PACKAGE_LEFT_OUT',
      message: `The bundler "none" ships no packages, and "${spec.name}" imports ${list}.`,
      hint: 'Remove `node_bundler` (`nodeBundler`): packages that cannot be bundled are then shipped as files. Or name every file that the function needs in `included_files`.',
      functionName: spec.name,
    },
  ];
}
