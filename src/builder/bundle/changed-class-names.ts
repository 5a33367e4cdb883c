import { readFileSync } from 'node:fs';
import type { BundleFile } from './contract/bundle.ts';
import { installedRoot } from './packages/installed-root.ts';
import type { FileScans } from './syntax/file-scans.ts';

const declaredClass = /\bclass ([\w$]+)(?: extends (?:[\w$]+\.)?([\w$]+))?/g;
/** Matches the names by which esbuild tells classes apart: `class Order2`, `Order2 = class`. */
const changedClass =
  /\bclass ([\w$]*[a-z_$])\d+(?= extends\b| ?\{)|\b([\w$]*[a-z_$])\d+ = class\b/gi;

/**
 * Whether a bundle has a class under another name, of a package that uses the names of its classes
 * as values: `this.name = this.constructor.name` in the base class of errors. esbuild changes the
 * name of a class when another variable of the bundle has the same name.
 *
 * @param reached Absolute paths of the files in the bundle
 * @param bundled The files of the bundle
 */
export function changesNamesInUse(
  reached: readonly string[],
  bundled: readonly BundleFile[],
  scans: FileScans,
): boolean {
  const asking = reached.filter((file) => scans.usesClassNames(file));
  if (asking.length === 0) return false;
  const roots = new Set(asking.map((file) => installedRoot(file)));
  const inUse = withSubclasses(
    new Set(asking.flatMap((file) => declaredIn(file).map(([name]) => name))),
    reached.filter((file) => roots.has(installedRoot(file))).flatMap(declaredIn),
  );
  return bundled.some(
    ({ path, content }) =>
      /\.[cm]?js$/.test(path) &&
      'bytes' in content &&
      changedIn(content.bytes).some((name) => inUse.has(name)),
  );
}

/** A class and the class that it extends. */
type Declared = readonly [name: string, base: string | undefined];

function declaredIn(file: string): readonly Declared[] {
  return [...readFileSync(file, 'latin1').matchAll(declaredClass)].map(
    ([, name = '', base]) => [name, base] as const,
  );
}

function withSubclasses(
  bases: ReadonlySet<string>,
  declared: readonly Declared[],
): ReadonlySet<string> {
  const all = new Set(bases);
  for (let before = -1; before !== all.size;) {
    before = all.size;
    for (const [name, base] of declared) {
      if (base !== undefined && all.has(base)) all.add(name);
    }
  }
  return all;
}

function changedIn({ buffer, byteOffset, byteLength }: Uint8Array): readonly string[] {
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  return [...text.matchAll(changedClass)].map(([, first, second]) => first ?? second ?? '');
}
