import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const stringMap = z.record(z.string(), z.string()).catch({});
const stringList = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .optional()
  .catch(undefined);

/**
 * What bundling asks of a package.json. Other people's files: whatever is malformed counts as
 * absent.
 */
const packageJsonSchema = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  gypfile: z.boolean().optional().catch(undefined),
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

const byDirectory = new Map<string, Package | undefined>();
const byFile = new Map<string, Package | undefined>();

/** Forgets what was read: a watching build calls it before it builds again. */
export function forgetPackages(): void {
  byDirectory.clear();
  byFile.clear();
}

/**
 * The package a file belongs to: for installed code the directory right below node_modules (a
 * package.json deeper inside, as dual packages have it to set "type", is not a package of its own);
 * else the nearest package.json above.
 */
export function packageOf(file: string): Package | undefined {
  const known = byFile.get(file);
  if (known !== undefined || byFile.has(file)) return known;
  const root = installedRoot(file);
  const found =
    root === undefined
      ? nearest(path.dirname(file))
      : (byDirectoryCached(root, true) ?? nearest(path.dirname(file)));
  byFile.set(file, found);
  return found;
}

/**
 * `/a/node_modules/@s/b/lib/x.js` → `/a/node_modules/@s/b`; undefined for first-party files. With
 * Yarn's `nodeLinker: pnpm` a package lies in `node_modules/.store/<name and version>/package`.
 */
export function installedRoot(file: string): string | undefined {
  const marker = `${path.sep}node_modules${path.sep}`;
  const at = file.lastIndexOf(marker);
  if (at === -1) return undefined;
  const parts = file.slice(at + marker.length).split(path.sep);
  const length = parts[0] === '.store' ? 3 : parts[0]?.startsWith('@') === true ? 2 : 1;
  const name = parts.slice(0, length);
  return file.slice(0, at + marker.length) + name.join(path.sep);
}

/** The package in exactly this directory, or undefined when it has no readable package.json. */
export function packageIn(directory: string): Package | undefined {
  return byDirectoryCached(
    directory,
    installedRoot(path.join(directory, 'package.json')) !== undefined,
  );
}

function nearest(directory: string): Package | undefined {
  const found = byDirectoryCached(directory, false);
  if (found !== undefined) return found;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : nearest(parent);
}

function byDirectoryCached(directory: string, installed: boolean): Package | undefined {
  if (byDirectory.has(directory)) return byDirectory.get(directory);
  const json = readPackageJson(path.join(directory, 'package.json'));
  const found = json === undefined ? undefined : { directory, json, installed };
  byDirectory.set(directory, found);
  return found;
}

function readPackageJson(file: string): PackageJson | undefined {
  try {
    return packageJsonSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
