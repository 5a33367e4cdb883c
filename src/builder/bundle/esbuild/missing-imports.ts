import path from 'node:path';
import type { Message, Metafile } from 'esbuild';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { installedRoot } from '../packages/installed-root.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { packageNameOf } from '../packages/package-name.ts';
import { toDiagnostics, unresolvedSpecifier } from './esbuild-messages.ts';
import { evaluatedModules } from './evaluation-order.ts';
import { importKey, type ExternalImports } from './external-imports.ts';
import { absoluteIn } from './metafile-path.ts';

/** An import in an installed package of something that is not installed. */
export interface MissingImport {
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
    missing.set(importKey(importer, specifier), { specifier, message });
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

/** What the warnings about missing imports are made of. */
export interface PassWithMissing {
  readonly metafile: Metafile;
  readonly missing: ReadonlyMap<string, MissingImport>;
  readonly packages: PackageIndex;
  readonly projectDirectory: string;
  readonly functionName: string;
}

/**
 * Warns of the missing imports without which the function cannot start: those by an import
 * statement in a module that import statements alone lead to. The source fails in the same way, but
 * a site may be built where nobody has run it.
 */
export function missingWarnings(pass: PassWithMissing): readonly Diagnostic[] {
  const { missing, projectDirectory, functionName } = pass;
  if (missing.size === 0) return [];
  const absolute = absoluteIn(projectDirectory);
  const metafile = withoutShakenModules(pass);
  const found = evaluatedModules('bgfn:entry', metafile).flatMap((input) =>
    (metafile.inputs[input]?.imports ?? [])
      .filter(({ kind }) => kind === 'import-statement')
      .flatMap(({ original = '' }) => missing.get(importKey(absolute(input), original)) ?? []),
  );
  return [...new Set(found)].flatMap(({ specifier, message }) =>
    toDiagnostics([message], 'warning', functionName, projectDirectory).map((diagnostic) =>
      Object.assign({}, diagnostic, advice(specifier)),
    ),
  );
}

/**
 * Leaves out the modules that are not evaluated because nothing of them is used. esbuild removes a
 * module as a whole only if its package says that it has no effects.
 */
function withoutShakenModules({ metafile, packages, projectDirectory }: PassWithMissing): Metafile {
  const absolute = absoluteIn(projectDirectory);
  const outputs = Object.values(metafile.outputs);
  const isLive = (input: string): boolean => {
    if (outputs.some(({ inputs }) => (inputs[input]?.bytesInOutput ?? 0) > 0)) return true;
    const { sideEffects = true } = packages.ownerOf(absolute(input))?.json ?? {};
    return sideEffects === true;
  };
  const live = Object.entries(metafile.inputs).filter(
    ([input]) => input.startsWith('bgfn:') || isLive(input),
  );
  return { ...metafile, inputs: Object.fromEntries(live) };
}

function advice(specifier: string): Pick<Diagnostic, 'message' | 'hint'> {
  const message =
    `Cannot find "${specifier}", which an installed package imports as soon as the function ` +
    `starts: the function cannot start, from its source neither.`;
  if (specifier.startsWith('.')) {
    return { message, hint: 'The package is incomplete. Install it again.' };
  }
  const name = packageNameOf(specifier);
  return {
    message,
    hint: `Install it: npm install ${name}. If the platform provides it, add it to ignoredNodeModules.`,
  };
}
