import path from 'node:path';
import type { Message } from 'esbuild';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Bundle, BundleFile } from './contract/bundle.ts';
import { artifactPathOf } from './copied-files/artifact-path.ts';
import { copiedFile } from './copied-files/copied-file.ts';
import { toDiagnostics } from './esbuild/esbuild-messages.ts';
import { bundlePartsOf } from './esbuild/metafile/bundle-parts.ts';
import { followedLinks } from './esbuild/metafile/followed-links.ts';
import { inputsOfPass } from './esbuild/metafile/pass-inputs.ts';
import { adapterFor, adapterPath } from './esbuild/output/adapter-file.ts';
import { netlifyEntry } from './esbuild/output/entry-source.ts';
import { missingWarnings } from './esbuild/passes/missing-warnings.ts';
import type { FinishedPass } from './esbuild/passes/pass-plan.ts';
import { tsconfigFiles } from './esbuild/tsconfig-files.ts';
import { failedImportWarnings } from './externals/failed-imports.ts';
import { unshippedPackages } from './externals/unshipped-packages.ts';
import { builtinWarnings } from './first-party/warnings/builtin-warnings.ts';
import {
  findCommonJsInModules,
  isAboutCommonJs,
} from './first-party/warnings/common-js-in-module.ts';
import { decoratorWarnings } from './first-party/warnings/decorator-warnings.ts';
import { installedRoot } from './packages/installed-root.ts';
import type { BundlePlan } from './plan-bundle.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import type { Survey } from './survey.ts';

/** The results of the earlier steps for one function. */
export interface BundledFunction {
  readonly survey: Survey;
  readonly plan: BundlePlan;
  readonly pass: FinishedPass;
}

/** Assembles the bundle of a function: its files, its inputs and its warnings. */
export async function collectBundle(
  bundled: BundledFunction,
  request: BundleRequest,
): Promise<Bundle> {
  const { name, bundling } = request.spec;
  return {
    runtime: 'js',
    bundler: bundling.nodeBundler === 'auto' ? 'esbuild' : bundling.nodeBundler,
    content: { kind: 'files', files: await filesOf(bundled, request) },
    handler: `${name}.handler`,
    runtimeVersion: `nodejs${bundling.nodeMajor}.x`,
    inputs: inputsOf(bundled, request),
    warnings: warningsOf(bundled, request),
    unmatchedEntries: bundled.survey.included.unmatched,
    parts: bundlePartsOf(bundled.pass.metafile),
    reasons: reasonsOf(bundled.survey, request.options.projectDirectory),
  };
}

function copiedFilesOf({ opened, included, namedByText }: Survey): readonly string[] {
  return [...opened.copied.keys(), ...included.files, ...namedByText.keys()];
}

/** Says of each copied file why the artifact contains it: place → reason. */
function reasonsOf(
  { opened, namedByText, modules }: Survey,
  projectDirectory: string,
): Readonly<Record<string, string>> {
  const placeOf = (file: string): string => artifactPathOf(file, projectDirectory);
  return Object.fromEntries([
    ...[...namedByText].map(([file, by]) => [placeOf(file), `named in ${placeOf(by)}`]),
    ...[...modules.values()].map((place) => [place, 'a module that is loaded by its path']),
    ...[...opened.copied].map(([file, reason]) => [placeOf(file), reason]),
  ]);
}

async function filesOf(
  { survey, plan, pass }: BundledFunction,
  { spec, options }: BundleRequest,
): Promise<readonly BundleFile[]> {
  const copied = copiedFilesOf(survey).map((file) => copiedFile(file, options.projectDirectory));
  const kept = (plan.externals?.files ?? []).filter(
    (file) => !survey.exclusion.hasBundleFile(file),
  );
  const files = [...pass.files, ...kept, ...copied];
  const adapter = await adapterFor(files, options.adapter);
  return distinct([
    { path: adapterPath, mode: 0o644, content: { bytes: Buffer.from(adapter) } },
    ...netlifyEntry(spec),
    ...files,
  ]);
}

/**
 * Sorts files by path. Of several files with one path the first is kept, so that a generated file
 * wins over a copied one. The file is executable if one of them is: what an author includes and
 * what a package keeps can be the same file.
 */
function distinct(files: readonly BundleFile[]): readonly BundleFile[] {
  const byPath = new Map<string, BundleFile>();
  for (const file of files) {
    const kept = byPath.get(file.path) ?? file;
    byPath.set(file.path, file.mode === 0o755 ? { ...kept, mode: 0o755 } : kept);
  }
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Lists every file whose change can change the bundle: the sources, the package.json and
 * tsconfig.json files that decide how the sources are read, the links that lead to the sources, and
 * the copied files. Absolute, sorted, without duplicates.
 */
function inputsOf(
  { survey, plan }: BundledFunction,
  { spec, options, session }: BundleRequest,
): readonly string[] {
  const external = (plan.externals?.files ?? []).flatMap(({ content }) =>
    'copyFrom' in content ? [content.copyFrom] : [],
  );
  const inputs = new Set([
    ...inputsOfPass(survey.pass.metafile, options.projectDirectory, session.packages),
    ...followedLinks(survey.pass.metafile, spec.entry.mainFile, options.projectDirectory),
    ...tsconfigFiles(firstPartySources(survey)),
    ...external,
    ...survey.opened.copied.keys(),
    ...survey.namedByText.keys(),
    ...survey.opened.lookedFor,
    ...survey.firstParty.flatMap(({ patternDirectories }) => patternDirectories),
    ...survey.included.files,
  ]);
  return [...inputs].toSorted();
}

function warningsOf(
  { survey, plan }: BundledFunction,
  request: BundleRequest,
): readonly Diagnostic[] {
  const { spec, options } = request;
  const { projectDirectory } = options;
  const { pass, firstParty, opened } = survey;
  const firstPartyMessages = [
    ...pass.warnings.filter(
      (message) => isFirstParty(message, projectDirectory) && !isAboutCommonJs(message),
    ),
    ...findCommonJsInModules(pass, request).unsure,
  ];
  const missing = missingWarnings({
    metafile: pass.metafile,
    missing: survey.missing,
    packages: request.session.packages,
    projectDirectory,
    functionName: spec.name,
  });
  return [
    ...plan.diagnostics,
    ...unshippedPackages(plan.externals?.renames.values() ?? [], survey.included.files, request),
    ...[...firstParty.flatMap(({ warnings }) => warnings), ...opened.warnings].map((warning) =>
      Object.assign({ functionName: spec.name }, warning),
    ),
    ...decoratorWarnings({
      files: firstPartySources(survey),
      metafile: pass.metafile,
      projectDirectory,
      functionName: spec.name,
    }),
    ...missing,
    ...failedImportWarnings(plan.externals?.failed ?? [], missing, request),
    ...builtinWarnings(pass.metafile, spec, projectDirectory),
    ...toDiagnostics(firstPartyMessages, 'warning', spec.name, projectDirectory),
  ];
}

function firstPartySources({ reached }: Survey): readonly string[] {
  return reached.files.filter((file) => installedRoot(file) === undefined);
}

/** Whether a message of esbuild's points into a first-party file or into no file. */
function isFirstParty({ location }: Message, projectDirectory: string): boolean {
  return (
    location === null || installedRoot(path.resolve(projectDirectory, location.file)) === undefined
  );
}
