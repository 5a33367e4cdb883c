import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The conditions that hold for every import of a module of the project. */
const conditions = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * Returns the path that a specifier such as `#lib/x.js` has by the `imports` of the nearest
 * package.json; absolute. Undefined when it has none, or names a package.
 *
 * Source: https://nodejs.org/api/packages.html#subpath-imports
 */
export function importedPath(from: string, specifier: string): string | undefined {
  const found = nearestPackage(path.dirname(from));
  if (found === undefined) return undefined;
  const target = targetOf(found.imports, specifier);
  return target?.startsWith('./') === true ? path.join(found.directory, target) : undefined;
}

function nearestPackage(
  start: string,
): { readonly directory: string; readonly imports: object } | undefined {
  for (let directory = start; ; directory = path.dirname(directory)) {
    try {
      const text = readFileSync(path.join(directory, 'package.json'), 'utf8');
      const { imports }: { imports?: unknown } = JSON.parse(text);
      return typeof imports === 'object' && imports !== null ? { directory, imports } : undefined;
    } catch {
      // There is no readable package.json here, so one of a directory above counts.
    }
    if (directory === path.dirname(directory)) return undefined;
  }
}

function targetOf(imports: object, specifier: string): string | undefined {
  const entries: [string, unknown][] = Object.entries(imports);
  const exact = entries.find(([key]) => key === specifier);
  if (exact !== undefined) return chosen(exact[1]);
  // The key with the longest text before its star wins.
  const byLength = entries.toSorted(([one], [other]) => other.indexOf('*') - one.indexOf('*'));
  for (const [key, value] of byLength) {
    const [before = '', after = ''] = key.split('*');
    const isMatch = key.includes('*') && specifier.startsWith(before) && specifier.endsWith(after);
    if (!isMatch || specifier.length < before.length + after.length) continue;
    const star = specifier.slice(before.length, specifier.length - after.length);
    return chosen(value)?.replaceAll('*', star);
  }
  return undefined;
}

function chosen(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  const entries: [string, unknown][] = Object.entries(target);
  return Array.isArray(target)
    ? target.map(chosen).find((one) => one !== undefined)
    : entries
        .filter(([condition]) => conditions.has(condition))
        .map(([, value]) => chosen(value))
        .find((one) => one !== undefined);
}
