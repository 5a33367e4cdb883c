import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import type { Metafile } from 'esbuild';
import type { BundleFile } from '../contract/bundle.ts';
import {
  evaluatedModules,
  modulesBelowRequire,
  statementsOutOfPlace,
  type ModuleFacts,
  type OutsideStatement,
} from '../esbuild/metafile/evaluation-order.ts';
import { absoluteIn } from '../esbuild/metafile/metafile-path.ts';
import {
  importKey,
  laterImportKey,
  type ExternalImports,
} from '../esbuild/plugins/external-imports.ts';
import type { InPlaceLoad } from '../esbuild/plugins/in-place-plugin.ts';
import type { BundleRequest } from '../session/bundle-request.ts';
import type { BundleSession } from '../session/session.ts';
import type { ExternalsPlan } from './place-externals.ts';

/**
 * Finds the import statements that lead out of the bundle, into a package that stays a directory or
 * that the platform provides, and that esbuild would evaluate ahead of code that precedes them.
 */
export function importsOutOfPlace(
  metafile: Metafile,
  externals: ExternalsPlan | undefined,
  request: BundleRequest,
): ExternalImports {
  const { ignoredNodeModules } = request.spec.bundling;
  if (externals === undefined && ignoredNodeModules.length === 0) {
    return { externals: new Map(), inPlace: new Map() };
  }
  const absolute = absoluteIn(request.options.projectDirectory);
  const writtenIn = ({ input, statement }: OutsideStatement) =>
    [absolute(input), statement.original ?? statement.path] as const;
  const outsideOf = (one: OutsideStatement): string | undefined =>
    externals?.renames.get(importKey(...writtenIn(one))) ?? providedSpecifier(one);
  const facts = { outsideOf, hasEffects: effectsIn(metafile, request) };
  const passesAllOn = allOfModules(metafile, absolute);
  const found = statementsOutOfPlace(metafile, facts).filter((one) => !passesAllOn(one));
  const later = laterImports(found, metafile, outsideOf);
  const loadOf = loadsFor(found, metafile, externals?.files ?? [], request.session);
  return {
    externals: new Map(
      [...found, ...later].map((one) => [importKey(...writtenIn(one)), outsideOf(one) ?? '']),
    ),
    inPlace: new Map([
      ...found.map((one) => [importKey(...writtenIn(one)), loadOf(one)] as const),
      ...later.map((one) => [laterImportKey(...writtenIn(one)), loadOf(one)] as const),
    ]),
  };
}

/**
 * Finds each `import()` of a module that a statement loads at its place. Both have to load it in
 * the same way: Node refuses to `require` a module while an `import()` of it is under way.
 */
function laterImports(
  found: readonly OutsideStatement[],
  { inputs }: Metafile,
  outsideOf: ModuleFacts['outsideOf'],
): readonly OutsideStatement[] {
  const specifiers = new Set(found.map(outsideOf));
  if (specifiers.size === 0) return [];
  return Object.entries(inputs).flatMap(([input, { imports }]) =>
    imports
      .filter(({ kind }) => kind === 'dynamic-import')
      .map((statement) => ({ input, statement }))
      .filter((one) => specifiers.has(outsideOf(one) ?? '')),
  );
}

/**
 * Returns a function that tells whether a statement exports all names of an outside module from a
 * module that is loaded by path (`export * from 'x'`). Such a statement has to stay as it is,
 * because an output can export only names that esbuild knows or Node finds.
 */
function allOfModules(
  metafile: Metafile,
  absolute: (input: string) => string,
): (one: OutsideStatement) => boolean {
  const entries = Object.values(metafile.outputs).map(
    ({ entryPoint = 'bgfn:entry' }) => entryPoint,
  );
  const modules = entries.filter((entry) => entry !== 'bgfn:entry');
  const evaluated = new Set(modules.flatMap((entry) => evaluatedModules(entry, metafile)));
  return ({ input }) =>
    evaluated.has(input) && /\bexport\s*\*\s*from\b/.test(readFileSync(absolute(input), 'utf8'));
}

/** Returns the specifier of an import that the author lists as provided by the platform. */
function providedSpecifier({ statement }: OutsideStatement): string | undefined {
  const { external, path } = statement;
  return external !== true || isBuiltin(path) || path.startsWith('bgfn:') ? undefined : path;
}

/**
 * Returns a function that tells whether a module of the pass has effects when it is evaluated. What
 * a package declares to have no effects is believed, as esbuild does.
 */
function effectsIn(
  metafile: Metafile,
  { options, session }: BundleRequest,
): ModuleFacts['hasEffects'] {
  const absolute = absoluteIn(options.projectDirectory);
  const outputs = Object.values(metafile.outputs);
  return (input) => {
    const isInOutput = outputs.some(({ inputs }) => (inputs[input]?.bytesInOutput ?? 0) > 0);
    if (!isInOutput || input.startsWith('bgfn:')) return false;
    const file = absolute(input);
    const owner = session.packages.ownerOf(file);
    if (owner?.json.sideEffects === false) return false;
    return owner?.installed === true || !session.scans.onlyDeclares(file);
  };
}

/**
 * Returns a function that decides how a module is loaded at its place. If the kept packages contain
 * a module that waits at its top level, all are awaited, except below a `require()`, where nothing
 * can be awaited in the source either.
 */
function loadsFor(
  found: readonly OutsideStatement[],
  metafile: Metafile,
  files: readonly BundleFile[],
  session: BundleSession,
): (one: OutsideStatement) => InPlaceLoad {
  const mayWait = found.length > 0 && files.some((file) => waits(file, session));
  if (!mayWait) return () => 'now';
  const belowRequire = modulesBelowRequire(metafile);
  return ({ input }) => (belowRequire.has(input) ? 'now' : 'awaited');
}

/** Whether a kept file waits at its top level. Node refuses to do so in CommonJS. */
function waits({ content }: BundleFile, { packages, scans }: BundleSession): boolean {
  if (!('copyFrom' in content)) return false;
  const file = content.copyFrom;
  return packages.isModule(file) && scans.waitsAtTop(file);
}
