import type { BundlingSettings } from '../../discover/function-spec.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import { declaredNames, importName, type Package } from '../packages/package.ts';
import { fitsTarget } from '../packages/platform-package.ts';
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
    files.some((file) =>
      [...session.scans.findingsIn(file)].some((finding) => needsDirectory(finding, owner)),
    ) ||
    loadsPlatformPackages(owner, files, { target, session })
  );
}

/** Whether a package with this finding works only in its own directory. */
function needsDirectory(finding: Finding, owner: Package): boolean {
  // A package without dependencies loads modules of Node by such means, or what the site installs.
  if (finding === 'hidden-modules') return declaredNames(owner).length > 0;
  return finding !== 'named-modules' && finding !== 'loader-hook';
}

/** Undefined when the author's settings do not decide. */
function decidedByAuthor(
  owner: Package,
  { nodeBundler, externalNodeModules }: BundlingSettings,
): boolean | undefined {
  if (nodeBundler === 'nft' || nodeBundler === 'none') return true;
  return externalNodeModules.includes(importName(owner)) ? true : undefined;
}

/** Whether the package's files load its binaries from optional platform packages for the target. */
function loadsPlatformPackages(
  owner: Package,
  files: readonly string[],
  { target, session: { platformPackages } }: Pick<OutsideCriteria, 'target' | 'session'>,
): boolean {
  return (
    platformPackages.of(owner).some((found) => fitsTarget(found, target)) &&
    files.some((file) => platformPackages.areLoadedBy(file, owner))
  );
}
