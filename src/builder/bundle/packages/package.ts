import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const stringMap = z.record(z.string(), z.string()).catch({});
const stringList = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .optional()
  .catch(undefined);

/**
 * The fields of a package.json that bundling needs. Any package may be installed, so a malformed
 * field counts as absent.
 */
const packageJsonSchema = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  type: z.string().optional().catch(undefined),
  exports: z.unknown().optional(),
  os: stringList,
  cpu: stringList,
  libc: stringList,
  files: stringList,
  scripts: stringMap,
  dependencies: stringMap,
  devDependencies: stringMap,
  optionalDependencies: stringMap,
  peerDependencies: stringMap,
  /** False: a module of the package may be left out when nothing of it is used. */
  sideEffects: z
    .union([z.boolean(), z.array(z.string())])
    .optional()
    .catch(undefined),
  peerDependenciesMeta: z.record(z.string(), z.unknown()).catch({}),
});

export type PackageJson = z.infer<typeof packageJsonSchema>;

export interface Package {
  /** Absolute real path. */
  readonly directory: string;
  readonly json: PackageJson;
  /**
   * Whether the package lies in a node_modules directory and so is third-party code. A workspace
   * package is first-party.
   */
  readonly installed: boolean;
}

/** Reads a package.json; undefined when the file is missing or contains no JSON object. */
export function readPackageJson(file: string): PackageJson | undefined {
  try {
    return packageJsonSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Returns the names of all packages that a package may load, required and optional ones. */
export function declaredNames({ json }: Package): readonly string[] {
  const lists = [
    json.dependencies,
    json.optionalDependencies,
    json.peerDependencies,
    json.peerDependenciesMeta,
  ];
  return [...new Set(lists.flatMap((names) => Object.keys(names)))];
}

/**
 * Returns the name under which a package is imported. For an installed package that is the name of
 * its directory, which an npm alias changes. For a workspace package, and for a package in Yarn's
 * store, it is the name in its package.json.
 */
export function importName(found: Package): string {
  const segments = found.directory.split(path.sep);
  const inNodeModules = segments.slice(segments.lastIndexOf('node_modules') + 1);
  if (!found.installed || inNodeModules[0] === '.store') {
    return found.json.name ?? path.basename(found.directory);
  }
  return inNodeModules.join('/');
}
