import path from 'node:path';
import picomatch from 'picomatch';
import type { UnmatchedEntry } from '../contract/unmatched-entry.ts';
import { Exclusion, type IncludedGlobs } from './exclusion.ts';
import { explainUnmatched } from './explain-unmatched.ts';
import { readingsOf } from './glob-readings.ts';
import { relativeGlob } from './relative-glob.ts';
import { matchesAny, searchFiles } from './search-files.ts';

/** The files that an author lists in `includedFiles`. */
export interface IncludedFiles {
  /** Absolute, sorted. */
  readonly files: readonly string[];
  /** The entries that match no file. */
  readonly unmatched: readonly UnmatchedEntry[];
}

/**
 * Finds the files that an author lists in `includedFiles`. An entry that starts with `!` excludes
 * files, wherever it stands in the list.
 */
export async function findIncludedFiles(bundling: IncludedGlobs): Promise<IncludedFiles> {
  const base = bundling.includedFilesBase;
  const entries = bundling.includedFiles
    .filter((entry) => !entry.startsWith('!'))
    .map((entry) => ({ entry, globs: readingsOf(relativeGlob(entry, base)) }));
  if (entries.length === 0) return { files: [], unmatched: [] };
  const exclusion = new Exclusion(bundling);
  const found = await searchFiles(
    entries.flatMap(({ globs }) => globs),
    { base, ignore: exclusion.directories },
  );
  const relative = found.map((file) => path.relative(base, file));
  const unmatched: UnmatchedEntry[] = [];
  for (const { entry, globs } of entries) {
    const isMatch = picomatch([...globs], { dot: true });
    if (relative.some((file) => isMatch(file))) continue;
    // What an entry matches can be excluded. Then the entry itself is right.
    if (await matchesAny(globs, { base })) continue;
    unmatched.push(await explainUnmatched(entry, globs, base));
  }
  return { files: found.filter((file) => !exclusion.hasFile(file)), unmatched };
}
