import path from 'node:path';
import type { BundlingSettings } from '../../discover/function-spec.ts';
import { Exclusion } from '../copied-files/exclusion.ts';
import type { ReachedImport } from '../esbuild/metafile/reached-code.ts';
import { liesOutside, type OutsidePackages } from '../esbuild/plugins/outside-plugin.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import type { BundleRequest } from '../session/bundle-request.ts';
import type { BundledCode } from './bundled-code.ts';
import { ExternalSearch } from './external-search.ts';
import { hookedPackages } from './hooked-packages.ts';
import type { NamedImport } from './named-imports.ts';
import { placeExternals, type ExternalsPlan } from './place-externals.ts';
import { staysOutside } from './stays-outside.ts';

/**
 * Decides for each package whether it can be part of one file, and collects the packages that
 * cannot. A package that an external package uses is external, too, so that no package exists twice
 * with two states. Undefined when everything can be bundled.
 */
export async function planExternals(
  { reached, outside }: BundledCode,
  named: readonly NamedImport[],
  request: BundleRequest,
): Promise<ExternalsPlan | undefined> {
  const { spec, options, session } = request;
  const { packages } = session;
  const bundled = filesByPackage(reached.files, packages);
  const externals = externalPackages(bundled, outside, request);
  const hooked = hookedPackages({ reached, outside }, bundled.keys(), session);
  for (const directory of hooked) externals.add(directory);
  if (externals.size === 0 && named.length === 0) return undefined;
  const search = new ExternalSearch(
    {
      projectDirectory: options.projectDirectory,
      target: options.target,
      ignores: leftOutFiles(spec.bundling),
    },
    session,
  );
  for (const one of named) if (one.located) search.addWholePackageOf(one);
  for (;;) {
    const crossing = crossingImports(reached.imports, externals, packages);
    await search.follow([...crossing, ...named]);
    const traced = search.result();
    const usedByExternals = [...traced.files.keys()].filter(
      (directory) =>
        bundled.has(directory) &&
        !externals.has(directory) &&
        packages.at(directory)?.installed === true,
    );
    if (usedByExternals.length === 0) return placeExternals({ crossing, named, traced }, request);
    for (const directory of usedByExternals) externals.add(directory);
  }
}

/** Groups the files of installed packages: directory of the package → its files among these. */
function filesByPackage(
  files: readonly string[],
  packages: PackageIndex,
): ReadonlyMap<string, readonly string[]> {
  const byPackage = new Map<string, string[]>();
  for (const file of files) {
    const owner = packages.ownerOf(file);
    if (owner?.installed !== true) continue;
    const own = byPackage.get(owner.directory);
    if (own === undefined) byPackage.set(owner.directory, [file]);
    else own.push(file);
  }
  return byPackage;
}

/** Returns the directories of the packages that cannot be part of one file. */
function externalPackages(
  bundled: ReadonlyMap<string, readonly string[]>,
  outside: OutsidePackages,
  { spec, options, session }: BundleRequest,
): Set<string> {
  const criteria = { bundling: spec.bundling, target: options.target, session };
  const external = [...bundled].filter(([directory, files]) => {
    const owner = session.packages.at(directory);
    if (owner === undefined) return false;
    return files.some((file) => liesOutside(file, outside)) || staysOutside(owner, files, criteria);
  });
  return new Set(external.map(([directory]) => directory));
}

/** Returns the test for what the author leaves out: ignored packages and excluded files. */
function leftOutFiles(bundling: BundlingSettings): (file: string) => boolean {
  const directories = bundling.ignoredNodeModules.map(
    (name) => `${path.sep}node_modules${path.sep}${name}${path.sep}`,
  );
  const exclusion = new Exclusion(bundling);
  return (file) =>
    directories.some((directory) => file.includes(directory)) || exclusion.hasFile(file);
}

/** Returns the imports that lead from bundled code into an external package. */
function crossingImports(
  imports: readonly ReachedImport[],
  externals: ReadonlySet<string>,
  packages: PackageIndex,
): readonly ReachedImport[] {
  const isExternal = (file: string): boolean => {
    const owner = packages.ownerOf(file);
    return owner !== undefined && externals.has(owner.directory);
  };
  return imports.filter(({ importer, resolved }) => isExternal(resolved) && !isExternal(importer));
}
