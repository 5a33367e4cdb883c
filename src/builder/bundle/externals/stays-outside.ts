import type { BundlingSettings } from '../../discover/function-spec.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { importName, type Package } from '../packages/package.ts';
import { isPlatformPackage } from '../packages/platform-package.ts';
import type { BundleSession } from '../session/session.ts';
import type { Finding } from '../syntax/finding.ts';

/** The settings and the memory on which the decision about a package depends. */
export interface OutsideCriteria {
  readonly bundling: BundlingSettings;
  readonly target: BundleTarget;
  readonly session: BundleSession;
}

/**
 * Decides whether a package has to stay outside the bundle. The author's settings come first; the
 * rule itself looks at what the package's code does, never at its name.
 *
 * @param files The package's files that were reached
 */
export function staysOutside(
  owner: Package,
  files: readonly string[],
  { bundling, target, session }: OutsideCriteria,
): boolean {
  const decided = decidedByAuthor(owner, bundling);
  if (decided !== undefined) return decided;
  return (
    files.some((file) => /\.(?:node|wasm)$/.test(file)) ||
    files.some((file) => [...session.scans.findingsIn(file)].some(needsDirectory)) ||
    hasPlatformPackages(owner, target, session.packages)
  );
}

/** Every finding but `named-modules` needs the package in its own directory. */
function needsDirectory(finding: Finding): boolean {
  return finding !== 'named-modules';
}

/** Undefined when the author's settings do not decide. */
function decidedByAuthor(
  owner: Package,
  { nodeBundler, externalNodeModules }: BundlingSettings,
): boolean | undefined {
  if (nodeBundler === 'nft' || nodeBundler === 'none') return true;
  return externalNodeModules.includes(importName(owner)) ? true : undefined;
}

/** Whether the package loads its binaries from optional platform packages. */
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
