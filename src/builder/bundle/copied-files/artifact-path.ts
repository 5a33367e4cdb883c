import path from 'node:path';

/**
 * Returns the place of a first-party file in the artifact, which mirrors the project. A file above
 * the project directory (in a workspace package) is placed below `_up_`.
 */
export function artifactPathOf(file: string, projectDirectory: string): string {
  return path
    .relative(projectDirectory, file)
    .split(path.sep)
    .map((part) => (part === '..' ? '_up_' : part))
    .join('/');
}
