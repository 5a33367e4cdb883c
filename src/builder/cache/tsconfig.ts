import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTsconfig } from 'get-tsconfig';

/**
 * What a tsconfig.json adds to the question whether a bundle is still right. All paths are
 * absolute.
 */
export interface TsconfigFacts {
  /** The files it extends, directly or not. Those of installed modules are known by the lockfile. */
  readonly extended: readonly string[];
  /** Every name in it can shadow an installed module. */
  readonly baseUrl?: string;
  /** Directories behind one `paths` pattern, in the order they are tried. */
  readonly fallbacks: readonly (readonly string[])[];
}

/**
 * Reads a tsconfig.json; undefined when there is none or it cannot be read (the bundler says so,
 * not the cache).
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
      ...(baseUrl === undefined ? {} : { baseUrl: base }),
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

/**
 * Where an import that found `file` through a `paths` pattern would have found something else
 * first.
 */
export function earlierPlaces(file: string, { fallbacks }: TsconfigFacts): string[] {
  return fallbacks.flatMap((directories) => {
    const found = directories.findIndex((directory) => file.startsWith(directory + path.sep));
    const directory = directories[found];
    return directory === undefined
      ? []
      : directories
          .slice(0, found)
          .map((earlier) => path.join(earlier, path.relative(directory, file)));
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
