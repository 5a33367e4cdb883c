import path from 'node:path';
import type { FirstPartyFile } from '../first-party/first-party-file.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { packageNameOf } from '../packages/package-name.ts';
import { declaredNames } from '../packages/package.ts';
import type { BundleSession } from '../session/session.ts';
import type { ExternalImport } from '../trace/tracer.ts';

/** An import that is not written as an import statement. */
export interface NamedImport extends ExternalImport {
  /**
   * Whether the code only asks for the location of the package. Any file of the package may then be
   * read.
   */
  readonly located: boolean;
}

/** The code that may name packages, and the code that may load what it names. */
export interface NamingCode {
  readonly firstParty: readonly FirstPartyFile[];
  /** Modules of packages that load modules by computed names. */
  readonly loaders: readonly string[];
}

/**
 * Finds the imports that are not written as import statements: by `createRequire` and
 * `require.resolve` in first-party code, and by a name that is passed to a package which loads it
 * (`app.set('view engine', 'pug')`, `transport: { target: 'pino-pretty' }`, a database driver). A
 * string literal counts as such a name when the project declares a dependency of that name and some
 * reached package loads modules by name.
 */
export function namedImports(
  { loaders, firstParty }: NamingCode,
  { packages }: BundleSession,
): readonly NamedImport[] {
  return [
    ...firstParty.flatMap((source) => {
      const handedOver = loaders.length > 0 ? declaredLiterals(source, packages) : [];
      const loaded = new Set([...source.requiredNames, ...handedOver]);
      return [
        ...source.locatedNames.flatMap((name) => bothKinds(source.file, name, true)),
        ...[...loaded].flatMap((name) => bothKinds(source.file, name, false)),
      ];
    }),
    ...optionalPeers(loaders, packages),
  ];
}

/**
 * Returns the string literals of a file that are names of installed packages which its project
 * declares.
 */
function declaredLiterals(
  { file, possibleNames }: FirstPartyFile,
  packages: PackageIndex,
): readonly string[] {
  const owner = packages.ownerOf(file);
  if (owner === undefined) return [];
  const declared = new Set([...declaredNames(owner), ...Object.keys(owner.json.devDependencies)]);
  return possibleNames.filter(
    (name) => declared.has(packageNameOf(name)) && isInstalled(file, name, packages),
  );
}

/** Returns the installed optional peers of the packages that these files belong to. */
function optionalPeers(files: readonly string[], packages: PackageIndex): readonly NamedImport[] {
  const owners = files.map((file) => packages.ownerOf(file));
  const installed = new Set(owners.filter((owner) => owner?.installed === true));
  return [...installed].flatMap((owner) => {
    if (owner === undefined) return [];
    const importer = path.join(owner.directory, 'package.json');
    return Object.keys(owner.json.peerDependenciesMeta)
      .filter((name) => isInstalled(importer, name, packages))
      .flatMap((name) => bothKinds(importer, name, false));
  });
}

/**
 * Returns an import of either kind, because the code that receives the name may `import` or
 * `require` it.
 */
function bothKinds(importer: string, specifier: string, located: boolean): readonly NamedImport[] {
  return [
    { importer, specifier, kind: 'require', located },
    { importer, specifier, kind: 'import', located },
  ];
}

function isInstalled(importer: string, specifier: string, packages: PackageIndex): boolean {
  return packages.findFrom(path.dirname(importer), packageNameOf(specifier)) !== undefined;
}
