import path from 'node:path';

/**
 * Makes esbuild's paths absolute: they are normalized and relative to its working directory, so
 * most need no more than that before them.
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
