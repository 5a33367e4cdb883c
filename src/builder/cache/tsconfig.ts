import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTsconfig } from 'get-tsconfig';

/** The parts of a tsconfig.json that select the files of a bundle. All paths are absolute. */
export interface TsconfigFacts {
  /**
   * The files that the tsconfig.json extends, directly or not. Files of installed modules are left
   * out, because the lockfile covers them.
   */
  readonly extended: readonly string[];
  /** The directory whose files can shadow installed modules. */
  readonly baseUrl: string | undefined;
  /** For each `paths` pattern the directories of its targets, in the order they are tried. */
  readonly fallbacks: readonly (readonly string[])[];
}

/**
 * Reads a tsconfig.json; undefined when the file does not exist or cannot be read. The bundler
 * reports an unreadable tsconfig.json.
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

/** Follows the values of `extends` that are paths. */
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

/** The paths that are tried before an import finds `file` through a `paths` pattern. */
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
