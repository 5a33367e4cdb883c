import path from 'node:path';
import fastGlob from 'fast-glob';

/** The files an author names in `includedFiles`, absolute and sorted; `!` excludes. */
export async function includedFiles(
  patterns: readonly string[],
  base: string,
): Promise<readonly string[]> {
  const wanted = patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .map((pattern) => relativePattern(pattern, base));
  if (wanted.length === 0) return [];
  const ignore = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => relativePattern(pattern.slice(1), base));
  const files = await fastGlob([...wanted], {
    cwd: base,
    ignore: [...ignore],
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
