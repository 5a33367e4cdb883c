import path from 'node:path';
import type { Message } from 'esbuild';
import { installedRoot } from '../../packages/installed-root.ts';
import { eagerFiles, isBrokenForNode } from '../../syntax/eager-files.ts';
import { unresolvedSpecifier } from '../esbuild-messages.ts';
import type { ReachedCode } from '../metafile/reached-code.ts';

/** Package directory → the errors for which esbuild cannot bundle the package. */
export type RefusedPackages = ReadonlyMap<string, readonly Message[]>;

/**
 * Finds the installed packages that esbuild refuses to bundle. Their code may run all the same:
 * Node does not load every file that a pattern (`require('./locale/' + name)`) matches.
 *
 * An error about a pattern is the fault of the package with the pattern, which may reach into other
 * packages. Such errors are returned alone, because without that package the others may not arise.
 */
export function refusedPackages(
  errors: readonly Message[],
  projectDirectory: string,
): RefusedPackages {
  const inPackages = errors.filter(
    (error) =>
      unresolvedSpecifier(error) === undefined &&
      installedRoot(fileOf(error, projectDirectory)) !== undefined,
  );
  const ofPatterns = inPackages.filter(isAboutPattern);
  const refused = new Map<string, Message[]>();
  for (const error of ofPatterns.length > 0 ? ofPatterns : inPackages) {
    const directory = installedRoot(fileOf(error, projectDirectory)) ?? '';
    refused.set(directory, [...(refused.get(directory) ?? []), error]);
  }
  return refused;
}

/**
 * Returns the errors of refused packages that Node would run into as well, because it loads the
 * broken file as soon as the function starts.
 */
export function errorsWithoutBundle(
  refused: RefusedPackages,
  { imports }: ReachedCode,
  projectDirectory: string,
): readonly Message[] {
  return [...refused].flatMap(([directory, errors]) => {
    const broken = errors.filter((error) => isBrokenForNode(fileOf(error, projectDirectory)));
    if (broken.length === 0) return [];
    const entries = imports
      .filter(({ importer, kind }) => kind === 'import' || installedRoot(importer) === undefined)
      .map(({ resolved }) => resolved)
      .filter((file) => installedRoot(file) === directory);
    const loaded = eagerFiles(entries);
    return broken.filter((error) => loaded.has(fileOf(error, projectDirectory)));
  });
}

function isAboutPattern({ text }: Message): boolean {
  return /^(?:No loader is configured for|Could not resolve (?:require|import)\()/.test(text);
}

function fileOf({ location }: Message, projectDirectory: string): string {
  return path.resolve(projectDirectory, location?.file ?? '');
}
