import path from 'node:path';

/**
 * The place of a first-party file in the artifact. It mirrors the project; a file above the project
 * directory (of a workspace package) goes below `_up_`.
 */
export function artifactPathOf(file: string, projectDirectory: string): string {
  return path
    .relative(projectDirectory, file)
    .split(path.sep)
    .map((part) => (part === '..' ? '_up_' : part))
    .join('/');
}
