import path from 'node:path';

/**
 * Returns a function that makes the paths of a metafile absolute. esbuild writes these paths
 * normalized and relative to its working directory, so most of them only need a prefix.
 */
export function absoluteIn(projectDirectory: string): (relative: string) => string {
  const prefix = projectDirectory.endsWith(path.sep)
    ? projectDirectory
    : projectDirectory + path.sep;
  return (relative) =>
    relative.startsWith('.') || path.isAbsolute(relative)
      ? path.resolve(projectDirectory, relative)
      : prefix + relative;
}
