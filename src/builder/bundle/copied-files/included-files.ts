import path from 'node:path';
import fastGlob from 'fast-glob';
import type { BundlingSettings } from '../../discover/function-spec.ts';

/**
 * Finds the files that an author lists in `includedFiles`, absolute and sorted. A pattern that
 * starts with `!` excludes files.
 */
export async function findIncludedFiles({
  includedFiles,
  includedFilesBase,
}: BundlingSettings): Promise<readonly string[]> {
  const relative = (pattern: string): string => relativePattern(pattern, includedFilesBase);
  const included = includedFiles.filter((pattern) => !pattern.startsWith('!')).map(relative);
  if (included.length === 0) return [];
  const excluded = includedFiles
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => relative(pattern.slice(1)));
  const files = await fastGlob(included, {
    cwd: includedFilesBase,
    ignore: excluded,
    absolute: true,
    dot: true,
    onlyFiles: true,
    followSymbolicLinks: true,
  });
  return files.map((file) => path.normalize(file)).toSorted();
}

function relativePattern(pattern: string, base: string): string {
  const relative = path.isAbsolute(pattern) ? path.relative(base, pattern) : pattern;
  return relative.replace(/^\.\//, '');
}
