import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { importName, type Package } from '../packages/package.ts';
import { isPlatformPackage } from '../packages/platform-package.ts';
import type { BundleRequest } from '../session/bundle-request.ts';
import type { Finding } from '../syntax/finding.ts';

/**
 * Decides whether a package cannot be part of one file. An author's own lists come first; the rule
 * itself goes by kind and never by name.
 *
 * @param files The package's files that were reached
 */
export function staysOutside(
  owner: Package,
  files: readonly string[],
  { spec, options, session }: BundleRequest,
): boolean {
  const decided = decidedByAuthor(owner, spec);
  if (decided !== undefined) return decided;
  return (
    files.some((file) => /\.(?:node|wasm)$/.test(file)) ||
    files.some((file) => [...session.scans.findingsIn(file)].some(needsDirectory)) ||
    hasPlatformPackages(owner, options.target, session.packages)
  );
}

/**
 * Modules named at run time are found from inside one file, too; all else needs the package's own
 * place.
 */
function needsDirectory(finding: Finding): boolean {
  return finding !== 'named-modules';
}

function decidedByAuthor(owner: Package, { bundling }: FunctionSpec): boolean | undefined {
  const { nodeBundler, externalNodeModules } = bundling;
  if (nodeBundler === 'nft' || nodeBundler === 'none') return true;
  if (externalNodeModules.includes(importName(owner))) return true;
  return nodeBundler === 'esbuild' ? false : undefined;
}

/** Whether its binaries are in packages of their own, which it finds by name at run time. */
function hasPlatformPackages(
  { directory, json }: Package,
  target: BundleTarget,
  packages: PackageIndex,
): boolean {
  return Object.keys(json.optionalDependencies)
    .filter((name) => name.includes(target.platform))
    .some((name) => {
      const found = packages.findFrom(directory, name);
      return found !== undefined && isPlatformPackage(found);
    });
}
