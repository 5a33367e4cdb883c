import type { BundleTarget } from '../contract/bundle-options.ts';
import type { PlatformPackages } from '../native/platform-packages.ts';
import { importName, type Package } from '../packages/package.ts';
import { fitsTarget, isPlatformPackage } from '../packages/platform-package.ts';
import { nameWithoutPlatform, namesTarget } from '../packages/platform-words.ts';

/** The installed packages that are one thing for several machines, such as `@img/sharp-*`. */
export interface PlatformFamily {
  /** The package that lists the members as its optional dependencies. */
  readonly owner: Package;
  readonly members: readonly Package[];
  /** Whether the owner also lists a member for the target, installed or not. */
  readonly isForTarget: boolean;
}

/** Groups the installed platform packages that an owner lists, by their names without platforms. */
export function platformFamilies(
  owner: Package,
  target: BundleTarget,
  platformPackages: PlatformPackages,
): readonly PlatformFamily[] {
  // The libraries of an addon for another machine are of no interest either.
  if (isPlatformPackage(owner) && !fitsTarget(owner, target)) return [];
  const families = new Map<string, { members: Package[]; isForTarget: boolean }>();
  const familyOf = (name: string): { members: Package[]; isForTarget: boolean } => {
    const key = nameWithoutPlatform(name);
    const family = families.get(key) ?? { members: [], isForTarget: false };
    families.set(key, family);
    return family;
  };
  for (const found of platformPackages.of(owner)) familyOf(importName(found)).members.push(found);
  if (families.size === 0) return [];
  for (const name of Object.keys(owner.json.optionalDependencies)) {
    familyOf(name).isForTarget ||= namesTarget(name, target);
  }
  return [...families.values()]
    .filter(({ members }) => members.length > 0)
    .map(({ members, isForTarget }) => ({ owner, members, isForTarget }));
}
