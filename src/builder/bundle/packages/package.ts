import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { packageIn, type Package } from './package-index.ts';

/**
 * The package that Node finds under a name from a directory, at its real place; undefined when it
 * is not installed.
 */
export function findInstalled(fromDirectory: string, name: string): Package | undefined {
  for (let at = fromDirectory; ; at = path.dirname(at)) {
    if (path.basename(at) !== 'node_modules') {
      const candidate = path.join(at, 'node_modules', name);
      if (existsSync(path.join(candidate, 'package.json'))) {
        return packageIn(realpathSync(candidate));
      }
    }
    if (path.dirname(at) === at) return undefined;
  }
}

/** Every name a package's own package.json speaks of, whether it has to be installed or only may be. */
export function declaredNames(found: Package): readonly string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = found.json;
  return [
    ...new Set(
      [dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta].flatMap(
        (names) => Object.keys(names),
      ),
    ),
  ];
}

/**
 * The name under which a package is imported: that of its directory (which an npm alias changes),
 * for a workspace package or in Yarn's store its own.
 */
export function importName(found: Package): string {
  const parts = found.directory.split(path.sep);
  const inNodeModules = parts.slice(parts.lastIndexOf('node_modules') + 1);
  if (!found.installed || inNodeModules[0] === '.store') {
    return found.json.name ?? path.basename(found.directory);
  }
  return inNodeModules.join('/');
}

/** A package made for some machines only, as `@img/sharp-linux-x64` is. */
export function isPlatformPackage(found: Package): boolean {
  return (
    found.json.os !== undefined || found.json.cpu !== undefined || found.json.libc !== undefined
  );
}
