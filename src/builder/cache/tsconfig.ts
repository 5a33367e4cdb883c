import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTsconfig } from 'get-tsconfig';

/** What in a tsconfig.json decides which files a bundle is made of. All paths are absolute. */
export interface TsconfigFacts {
  /** The files it extends, directly or not; those of installed modules follow from the lockfile. */
  readonly extended: readonly string[];
  /** Every name in this directory can shadow an installed module. */
  readonly baseUrl: string | undefined;
  /** For each `paths` pattern the directories it leads to, in the order they are tried. */
  readonly fallbacks: readonly (readonly string[])[];
}

/**
 * Reads a tsconfig.json; undefined when there is none or it cannot be read, which the bundler
 * reports.
 */
export function readTsconfig(file: string): TsconfigFacts | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const directory = path.dirname(file);
    const { baseUrl, paths = {} } = parseTsconfig(file).compilerOptions ?? {};
    const base = path.resolve(directory, baseUrl ?? '.');
    const fallbacks = Object.values(paths).map((targets) =>
      targets.map((target) => path.resolve(base, target.replace(/\*.*$/, ''))),
    );
    return {
      extended: extendedFiles(file),
      fallbacks,
      baseUrl: baseUrl === undefined ? undefined : base,
    };
  } catch {
    return undefined;
  }
}

/** Follows `extends` where it is a path. */
function extendedFiles(file: string, seen = new Set<string>()): string[] {
  const value = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(readText(file))?.[1] ?? '';
  for (const [, target = ''] of value.matchAll(/"([^"]*)"/g)) {
    if (!target.startsWith('.') && !path.isAbsolute(target)) continue;
    const found = path.resolve(
      path.dirname(file),
      path.extname(target) === '.json' ? target : `${target}.json`,
    );
    if (seen.has(found)) continue;
    seen.add(found);
    extendedFiles(found, seen);
  }
  return [...seen];
}

/** The paths that were tried before an import found `file` through a `paths` pattern. */
export function earlierPlaces(file: string, { fallbacks }: TsconfigFacts): string[] {
  return fallbacks.flatMap((directories) => {
    const index = directories.findIndex((directory) => file.startsWith(directory + path.sep));
    const found = directories[index];
    if (found === undefined) return [];
    const relative = path.relative(found, file);
    return directories.slice(0, index).map((earlier) => path.join(earlier, relative));
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
