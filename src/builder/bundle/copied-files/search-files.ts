import { readdir, realpathSync, type Dirent } from 'node:fs';
import path from 'node:path';
import fastGlob, { type FileSystemAdapter } from 'fast-glob';

export interface FileSearch {
  /** The absolute directory that the globs are relative to. */
  readonly base: string;
  /** Globs of what is left out, for the speed of the search: whole directories are not read. */
  readonly ignore?: readonly string[] | undefined;
  readonly kind?: 'files' | 'directories' | undefined;
}

/**
 * Finds the files that globs match: absolute, sorted. Links are followed, and a file below a link
 * has its path through the link.
 */
export async function searchFiles(
  globs: readonly string[],
  search: FileSearch,
): Promise<readonly string[]> {
  const found = await fastGlob([...globs], optionsOf(search));
  return [...new Set(found.map((file) => path.normalize(file)))].toSorted();
}

/** Whether the globs match anything; the search ends with the first match. */
export async function matchesAny(globs: readonly string[], search: FileSearch): Promise<boolean> {
  for await (const _ of fastGlob.stream([...globs], optionsOf(search))) return true;
  return false;
}

function optionsOf({ base, ignore = [], kind = 'files' }: FileSearch): fastGlob.Options {
  return {
    cwd: base,
    ignore: [...ignore],
    absolute: true,
    dot: true,
    onlyFiles: kind === 'files',
    onlyDirectories: kind === 'directories',
    followSymbolicLinks: true,
    suppressErrors: true,
    fs: { readdir: readdirWithoutLoops() },
  };
}

/**
 * Returns a `readdir` for fast-glob that hides the links which lead to a directory that is being
 * read, or to one above it. fast-glob would follow such a link until the system refuses the path,
 * after forty rounds. Other links are followed, so each real directory occurs once on a path.
 */
function readdirWithoutLoops(): FileSystemAdapter['readdir'] {
  /** Link → the real directories on the way to the place that it leads to. */
  const trails = new Map<string, readonly string[]>();
  const trailOf = (directory: string): readonly string[] => {
    const real = realpathSync(directory);
    for (let at = directory; ; at = path.dirname(at)) {
      const trail = trails.get(at);
      if (trail !== undefined) return [...trail, real];
      if (path.dirname(at) === at) return [real];
    }
  };
  const isLoop = (link: string, trail: readonly string[]): boolean => {
    try {
      const target = realpathSync(link);
      if (trail.some((real) => real === target || isBelow(real, target))) return true;
      trails.set(link, trail);
    } catch {
      // The link is broken. fast-glob leaves it out.
    }
    return false;
  };
  const withoutLoops = (directory: string, entries: Dirent[]): Dirent[] => {
    if (!entries.some((entry) => entry.isSymbolicLink())) return entries;
    const trail = trailOf(directory);
    return entries.filter(
      (entry) => !entry.isSymbolicLink() || !isLoop(path.join(directory, entry.name), trail),
    );
  };
  return adapted((directory, callback) => {
    readdir(directory, { withFileTypes: true }, (error, entries) => {
      callback(error, error === null ? withoutLoops(directory, entries) : entries);
    });
  });
}

type ReadEntries = (
  directory: string,
  callback: (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void,
) => void;

/** Gives a function the two forms of `readdir` that the adapter's type has; fast-glob calls one. */
function adapted(read: ReadEntries): FileSystemAdapter['readdir'] {
  function method(
    directory: string,
    options: { withFileTypes: true },
    callback: (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void,
  ): void;
  function method(
    directory: string,
    callback: (error: NodeJS.ErrnoException | null, names: string[]) => void,
  ): void;
  function method(directory: string, ...rest: unknown[]): void {
    const callback = rest.at(-1);
    if (typeof callback !== 'function') return;
    read(directory, (error, entries) => callback(error, entries));
  }
  return method;
}

function isBelow(file: string, directory: string): boolean {
  return file.startsWith(directory === path.sep ? directory : directory + path.sep);
}
