import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { BundleFile } from '../bundle/contract/bundle.ts';

/**
 * Checks the paths of an artifact: a zip with conflicting paths cannot be unzipped safely.
 *
 * @param sorted The files, sorted by path
 * @throws {BgfnError} `ARTIFACT_PATH_CONFLICT`, when two files have the same path or a path leads
 *   out of the artifact
 */
export function checkEntryPaths(name: string, sorted: readonly BundleFile[]): void {
  for (const [index, { path }] of sorted.entries()) {
    if (sorted[index - 1]?.path === path) {
      throw new BgfnError(
        'ARTIFACT_PATH_CONFLICT',
        `The function "${name}" has two files for "${path}" in its artifact.`,
      );
    }
    if (
      path === '' ||
      path.startsWith('/') ||
      path.includes('\\') ||
      path.split('/').some((part) => part === '..' || part === '.' || part === '')
    ) {
      throw new BgfnError(
        'ARTIFACT_PATH_CONFLICT',
        `The function "${name}" has a file whose path leaves its artifact: "${path}".`,
        {
          hint: 'Include only files inside the project.',
        },
      );
    }
  }
}
