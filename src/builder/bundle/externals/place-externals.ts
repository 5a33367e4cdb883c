import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { BundleFile } from '../contract/bundle.ts';
import { existingFile } from '../copied-files/existing-file.ts';
import type { ReachedImport } from '../esbuild/metafile/reached-code.ts';
import { importKey } from '../esbuild/plugins/external-imports.ts';
import { isExecutable } from '../native/executable.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { packageNameOf } from '../packages/package-name.ts';
import { declaredNames, importName, type Package } from '../packages/package.ts';
import type { BundleRequest } from '../session/bundle-request.ts';
import type { ExternalImport } from '../trace/tracer.ts';
import type { ExternalFiles } from './external-search.ts';
import { forwardingModule, isForwardable } from './forwarding-module.ts';
import { missingAddonWarnings } from './missing-addon.ts';
import type { NamedImport } from './named-imports.ts';
import { checkNativeFit } from './native-fit.ts';
import { layOut, type LaidOutPackage, type NodeModulesLayout } from './node-modules-layout.ts';

/** The imports that stay outside the bundle, and the files that these imports need. */
export interface ExternalsPlan {
  /** `importKey` → the specifier to import at run time instead. */
  readonly renames: ReadonlyMap<string, string>;
  readonly files: readonly BundleFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** The imports of external packages that lead nowhere. */
  readonly failed: readonly ExternalImport[];
}

/** The external packages of a function with all their files. */
export interface FoundExternals {
  /** The imports that lead from bundled code into an external package. */
  readonly crossing: readonly ReachedImport[];
  readonly named: readonly NamedImport[];
  readonly traced: ExternalFiles;
}

/** Name at the top of the artifact's `node_modules` → package directory. */
type TopNames = Map<string, string>;

/**
 * Decides the places of external packages in the artifact, and the specifiers by which bundled code
 * imports them.
 */
export function placeExternals(
  { crossing, named, traced }: FoundExternals,
  { spec, options, session: { packages, platformPackages } }: BundleRequest,
): ExternalsPlan {
  const topNames: TopNames = new Map();
  const renames = renameImports(crossing, topNames, packages);
  if (spec.bundling.nodeBundler === 'none') {
    return { renames, files: [], diagnostics: [], failed: [] };
  }
  addNamed(topNames, named, packages);
  const laidOut = packagesToLayOut(traced, packages);
  for (const directory of traced.files.keys()) {
    if (!isReachable(directory, topNames, laidOut)) addToTop(directory, topNames, packages);
  }
  const layout = layOut(topNames, laidOut);
  const used = { traced, imported: importedPackages(crossing, packages), packages };
  const functionName = spec.name;
  const { target, projectDirectory } = options;
  const { misfits, diagnostics } = checkNativeFit({
    ...used,
    functionName,
    target,
    platformPackages,
  });
  const missing = missingAddonWarnings({ ...used, functionName, projectDirectory });
  const kept = new Map(
    [...traced.files].map(([directory, own]) => [
      directory,
      [...own].filter((file) => !misfits.has(file)),
    ]),
  );
  const files = [...kept].flatMap(([directory, own]) => placedFiles(directory, own, layout));
  return { renames, files, diagnostics: [...diagnostics, ...missing], failed: traced.failed };
}

function importedPackages(
  crossing: readonly ReachedImport[],
  packages: PackageIndex,
): ReadonlySet<string> {
  return new Set(
    crossing
      .map(({ resolved }) => packages.ownerOf(resolved)?.directory)
      .filter((directory) => directory !== undefined),
  );
}

function renameImports(
  crossing: readonly ReachedImport[],
  topNames: TopNames,
  packages: PackageIndex,
): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  for (const one of crossing) {
    const owner = packages.ownerOf(one.resolved);
    const name = packageNameOf(one.specifier);
    const topName = topNameFor(name, owner?.directory ?? '', topNames, packages);
    const subpath = owner === undefined ? one.specifier.slice(name.length) : subpathOf(one, owner);
    renames.set(importKey(one.importer, one.specifier), topName + subpath);
  }
  return renames;
}

/**
 * Returns what follows the package's name in a specifier. In a package without `exports`, bundlers
 * and `require` find `next/headers.js` for `next/headers`, but an import statement of Node takes
 * the path as it is written. The subpath is then the path of the file that the bundler found.
 */
function subpathOf({ specifier, kind, resolved }: ReachedImport, owner: Package): string {
  const written = specifier.slice(packageNameOf(specifier).length);
  if (kind === 'require' || written === '' || owner.json.exports !== undefined) return written;
  if (existingFile(owner.directory + written) !== undefined) return written;
  return `/${path.relative(owner.directory, resolved).replaceAll(path.sep, '/')}`;
}

/**
 * Returns the name of a package at the top of `node_modules`. When bundled code imports two
 * versions under one name, the second version gets a name of its own.
 */
function topNameFor(
  name: string,
  directory: string,
  topNames: TopNames,
  packages: PackageIndex,
): string {
  const versioned = `${name}@${packages.at(directory)?.json.version ?? '0'}`;
  for (let attempt = 1; ; attempt += 1) {
    const candidate = [name, versioned][attempt - 1] ?? `${versioned}-${attempt}`;
    const taken = topNames.get(candidate);
    if (taken === undefined) topNames.set(candidate, directory);
    if (taken === undefined || taken === directory) return candidate;
  }
}

function addNamed(topNames: TopNames, named: readonly NamedImport[], packages: PackageIndex): void {
  for (const { importer, specifier } of named) {
    const name = packageNameOf(specifier);
    const found = packages.findFrom(path.dirname(importer), name);
    if (found !== undefined && !topNames.has(name)) topNames.set(name, found.directory);
  }
}

function packagesToLayOut(
  traced: ExternalFiles,
  packages: PackageIndex,
): ReadonlyMap<string, LaidOutPackage> {
  return new Map(
    [...traced.files.keys()].map((directory) => [
      directory,
      { directory, dependencies: dependenciesOf(directory, traced, packages) },
    ]),
  );
}

/** Returns the packages that one package has to find, by the names under which it asks for them. */
function dependenciesOf(
  directory: string,
  traced: ExternalFiles,
  packages: PackageIndex,
): ReadonlyMap<string, string> {
  const dependencies = new Map<string, string>();
  for (const target of traced.edges.get(directory) ?? []) {
    const found = packages.at(target);
    if (found !== undefined && traced.files.has(target)) {
      dependencies.set(importName(found), target);
    }
  }
  const owner = packages.at(directory);
  for (const name of owner === undefined ? [] : declaredNames(owner)) {
    const found = packages.findFrom(directory, name);
    if (found !== undefined && traced.files.has(found.directory)) {
      dependencies.set(name, found.directory);
    }
  }
  return dependencies;
}

function isReachable(
  directory: string,
  topNames: TopNames,
  laidOut: ReadonlyMap<string, LaidOutPackage>,
): boolean {
  const leadsHere = (names: ReadonlyMap<string, string>): boolean =>
    [...names.values()].includes(directory);
  return (
    leadsHere(topNames) || [...laidOut.values()].some(({ dependencies }) => leadsHere(dependencies))
  );
}

/**
 * Places a package to which no name leads (another package names a path in it) at the top, where
 * most such paths lead.
 */
function addToTop(directory: string, topNames: TopNames, packages: PackageIndex): void {
  const owner = packages.at(directory);
  if (owner?.installed === true) topNameFor(importName(owner), directory, topNames, packages);
}

/** Returns the artifact's files of one package at all its places. */
function placedFiles(
  directory: string,
  files: readonly string[],
  { places, forwards }: NodeModulesLayout,
): readonly BundleFile[] {
  const own = places.get(directory) ?? [];
  const forwarding = [...forwards].filter(([, target]) => own.includes(target));
  return [
    ...own.flatMap((place) => files.map((file) => externalFile(file, directory, place))),
    ...forwarding.flatMap(([place, target]) =>
      files.map((file) => forwardedFile(externalFile(file, directory, place), file, target, place)),
    ),
  ];
}

/** Returns a file at a place that forwards to another: a module forwards, other files are copied. */
function forwardedFile(copy: BundleFile, file: string, target: string, place: string): BundleFile {
  if (!isForwardable(file)) return copy;
  const other = `${target}${copy.path.slice(place.length)}`;
  const specifier = path.posix.relative(path.posix.dirname(copy.path), other);
  return { ...copy, content: { bytes: Buffer.from(forwardingModule(file, specifier)) } };
}

function externalFile(file: string, directory: string, place: string): BundleFile {
  const relative = path.relative(directory, file).replaceAll(path.sep, '/');
  return {
    path: `${place}/${relative}`,
    mode: isExecutable(file) ? 0o755 : 0o644,
    content: { copyFrom: file },
  };
}
