import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const stringMap = z.record(z.string(), z.string()).catch({});
const stringList = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .optional()
  .catch(undefined);

/**
 * The fields of a package.json that bundling needs. The files are other people's: a malformed field
 * counts as absent.
 */
const packageJsonSchema = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  os: stringList,
  cpu: stringList,
  libc: stringList,
  dependencies: stringMap,
  devDependencies: stringMap,
  optionalDependencies: stringMap,
  peerDependencies: stringMap,
  peerDependenciesMeta: z.record(z.string(), z.unknown()).catch({}),
});

export type PackageJson = z.infer<typeof packageJsonSchema>;

export interface Package {
  /** Absolute, real. */
  readonly directory: string;
  readonly json: PackageJson;
  /** Inside a node_modules directory: somebody else's code. Workspace packages are first-party. */
  readonly installed: boolean;
}

/** Reads a package.json; undefined when there is none or it is no JSON object. */
export function readPackageJson(file: string): PackageJson | undefined {
  try {
    return packageJsonSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The names of all packages that a package may load, whether they are required or optional. */
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
 * The name under which a package is imported. For an installed package that is the name of its
 * directory, which an npm alias changes; for a workspace package, or one in Yarn's store, its own.
 */
export function importName(found: Package): string {
  const segments = found.directory.split(path.sep);
  const inNodeModules = segments.slice(segments.lastIndexOf('node_modules') + 1);
  if (!found.installed || inNodeModules[0] === '.store') {
    return found.json.name ?? path.basename(found.directory);
  }
  return inNodeModules.join('/');
}
