import path from 'node:path';
import { installedRoot } from '../packages/installed-root.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { packageNameOf } from '../packages/package-name.ts';
import type { Package } from '../packages/package.ts';
import { eagerSpecifiers } from '../syntax/eager-files.ts';
import { incompleteInstall, missingDependency, missingOwnFile } from './incomplete-install.ts';
import { installedPackageFor } from './installed-package.ts';
import type { Advice } from './unresolved-import.ts';

/** An import that leads nowhere. */
export interface FailedImport {
  /** Absolute path of the importing file. */
  readonly importer: string;
  readonly specifier: string;
}

/**
 * Says what is wrong with the installation when an import of an installed package leads nowhere.
 * Undefined when nothing need be wrong: packages import optional packages that are not installed,
 * and load files of their own that they were published without.
 */
export function incompleteImport(
  { importer, specifier }: FailedImport,
  {
    packages,
    projectDirectory,
  }: { readonly packages: PackageIndex; readonly projectDirectory: string },
): Advice | undefined {
  const root = installedRoot(importer);
  if (specifier.startsWith('.')) {
    if (root === undefined || !loadsAtOnce(importer, specifier)) return undefined;
    return missingOwnFile(root, specifier, projectDirectory);
  }
  const found = installedPackageFor(path.dirname(importer), specifier);
  if (found?.state === 'incomplete') return incompleteInstall(found, projectDirectory);
  const owner = root === undefined ? undefined : packages.at(root);
  const name = packageNameOf(specifier);
  return found === undefined && owner !== undefined && needs(owner, name)
    ? missingDependency(owner.directory, name, projectDirectory)
    : undefined;
}

/** Whether a package manager would not install a package without the other. */
function needs({ json }: Package, name: string): boolean {
  return (
    Object.hasOwn(json.dependencies, name) &&
    !Object.hasOwn(json.optionalDependencies, name) &&
    !Object.hasOwn(json.peerDependenciesMeta, name)
  );
}

function loadsAtOnce(file: string, specifier: string): boolean {
  try {
    return eagerSpecifiers(file).includes(specifier);
  } catch {
    return false;
  }
}
