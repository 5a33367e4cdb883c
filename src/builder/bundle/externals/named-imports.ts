import path from 'node:path';
import { packageNameOf } from '../esbuild/esbuild-messages.ts';
import type { FirstPartyFile } from '../first-party/first-party-file.ts';
import { packageIn, packageOf } from '../packages/package-index.ts';
import { declaredNames, findInstalled } from '../packages/package.ts';
import { scanFile } from '../syntax/scan-source.ts';
import type { ExternalImport } from '../trace/tracer.ts';
import type { ReachedCode } from './plan-externals.ts';

/**
 * Imports that no import statement shows: through `createRequire` and `require.resolve` in
 * first-party code, and by a name handed to a package that loads it (`app.set('view engine',
 * 'pug')`, `transport: { target: 'pino-pretty' }`, a database driver). For the latter a string
 * literal counts when the project declares a dependency of that name and some reached package loads
 * by name.
 */
export function namedImports(
  reached: ReachedCode,
  firstParty: readonly FirstPartyFile[],
): readonly ExternalImport[] {
  const loaders = [...packagesThatLoad(reached)];
  const someLoads = reached.files.some(loadsByName);
  const imports: ExternalImport[] = [];
  for (const { file, requiredNames, locatedNames, possibleNames } of firstParty) {
    const owner = packageOf(file);
    const declared = new Set(
      owner === undefined
        ? []
        : [...declaredNames(owner), ...Object.keys(owner.json.devDependencies)],
    );
    const handedOver = !someLoads
      ? []
      : possibleNames.filter(
          (name) => declared.has(packageNameOf(name)) && isInstalled(file, name),
        );
    for (const specifier of locatedNames) {
      imports.push(
        { importer: file, specifier, kind: 'require', located: true },
        { importer: file, specifier, kind: 'import', located: true },
      );
    }
    for (const specifier of new Set([...requiredNames, ...handedOver])) {
      imports.push(
        { importer: file, specifier, kind: 'require' },
        { importer: file, specifier, kind: 'import' },
      );
    }
  }
  for (const directory of loaders) {
    for (const name of Object.keys(packageIn(directory)?.json.peerDependenciesMeta ?? {})) {
      const importer = path.join(directory, 'package.json');
      if (isInstalled(importer, name)) {
        imports.push(
          { importer, specifier: name, kind: 'require' },
          { importer, specifier: name, kind: 'import' },
        );
      }
    }
  }
  return imports;
}

function isInstalled(importer: string, specifier: string): boolean {
  return findInstalled(path.dirname(importer), packageNameOf(specifier)) !== undefined;
}

function packagesThatLoad(reached: ReachedCode): ReadonlySet<string> {
  const loaders = new Set<string>();
  for (const file of reached.files) {
    const owner = packageOf(file);
    if (owner?.installed === true && loadsByName(file)) loaders.add(owner.directory);
  }
  return loaders;
}

/** Whether a file loads modules whose names come from elsewhere. */
export function loadsByName(file: string): boolean {
  const findings = scanFile(file);
  return findings.has('named-modules') || findings.has('own-modules');
}
