import path from 'node:path';
import type { Message } from 'esbuild';
import { installedRoot } from '../../packages/installed-root.ts';
import { unresolvedSpecifier } from '../esbuild-messages.ts';
import { importKey, type ExternalImports } from '../plugins/external-imports.ts';

/** An import in an installed package of something that is not installed. */
export interface MissingImport {
  /** Absolute path of the importing file. */
  readonly importer: string;
  readonly specifier: string;
  /** The message of esbuild that names the place of the import. */
  readonly message: Message;
}

/** Returns the unresolved imports of installed packages, by `importKey`. */
export function missingImports(
  errors: readonly Message[],
  projectDirectory: string,
): ReadonlyMap<string, MissingImport> {
  const missing = new Map<string, MissingImport>();
  for (const message of errors) {
    const specifier = unresolvedSpecifier(message);
    const importer = path.resolve(projectDirectory, message.location?.file ?? '');
    if (specifier === undefined || installedRoot(importer) === undefined) continue;
    missing.set(importKey(importer, specifier), { importer, specifier, message });
  }
  return missing;
}

/** Leaves missing imports to run time; their import statements fail at their own place. */
export function externalImports(missing: ReadonlyMap<string, MissingImport>): ExternalImports {
  const keys = [...missing];
  return {
    externals: new Map(keys.map(([key, { specifier }]) => [key, specifier])),
    inPlace: new Map(keys.map(([key]) => [key, 'now'])),
  };
}
