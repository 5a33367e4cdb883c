import { existingFile } from './copied-files/existing-file.ts';
import { bundleEverything, type FirstPass } from './esbuild/passes/first-pass.ts';
import { loadedFirstParty } from './esbuild/passes/loaded-first-party.ts';
import { externalImports } from './esbuild/passes/missing-imports.ts';
import {
  firstPartyTexts,
  readFirstParty,
  type FirstPartyFile,
  type FirstPartyTexts,
} from './first-party/first-party-file.ts';
import { installedRoot } from './packages/installed-root.ts';
import type { BundleRequest } from './session/bundle-request.ts';

/** A first pass, and the texts that it was given in place of files' own. */
export interface RewrittenPass extends FirstPass {
  readonly rewritten: ReadonlyMap<string, string>;
}

/** Modules that are loaded by path: absolute file → its place in the artifact. */
type ModulePlaces = ReadonlyMap<string, string>;

/**
 * Bundles everything with the rewritten texts. If esbuild reports anything, the pass is repeated
 * with the files' own texts, because messages point into them; only the required edits stay.
 */
export async function bundleRewritten(
  { spec, options }: BundleRequest,
  modules: ModulePlaces,
  { rewritten, required }: FirstPartyTexts,
): Promise<RewrittenPass> {
  const first = await bundleEverything(spec, options, { modules, rewritten });
  const reportsNothing = first.pass.ok && first.pass.warnings.length === 0;
  if (reportsNothing || rewritten.size === 0) return { ...first, rewritten };
  const repeated = await bundleEverything(spec, options, { modules, rewritten: required });
  if (!first.pass.ok || !repeated.pass.ok) return { ...repeated, rewritten: required };
  return { ...first, pass: { ...first.pass, warnings: repeated.pass.warnings }, rewritten };
}

/** The texts for the function's main file; empty when that file is not first-party code. */
export function textsOfMainFile(request: BundleRequest): FirstPartyTexts {
  const { mainFile } = request.spec.entry;
  const files = existingFile(mainFile) === undefined ? [] : [mainFile];
  return firstPartyTexts(readFirstPartyOf(files, false, request));
}

/**
 * Reads first-party files: those whose text has a needle, or all. Files without a needle matter
 * when a reached package loads modules by name, because the names may be string literals in them.
 */
export function readFirstPartyOf(
  files: readonly string[],
  evenWithoutNeedle: boolean,
  { options: { projectDirectory }, session: { outlines, projectFiles } }: BundleRequest,
): readonly FirstPartyFile[] {
  const options = { projectDirectory, outlines, projectFiles, evenWithoutNeedle };
  return files
    .filter((file) => installedRoot(file) === undefined)
    .map((file) => readFirstParty(file, options))
    .filter((file) => file !== undefined);
}

/** Reads the first-party files that a failed pass loaded. */
export async function readLoadedFirstParty(
  request: BundleRequest,
  modules: ModulePlaces,
  { rewritten, missing, outside }: RewrittenPass,
): Promise<readonly FirstPartyFile[]> {
  const { spec, options } = request;
  const plan = { rewritten, modules, outside, keepNames: false, ...externalImports(missing) };
  const loaded = await loadedFirstParty(spec, options, plan);
  // esbuild finds names in any case, so a file that it wanted need not exist.
  const existing = loaded.filter((file) => existingFile(file) !== undefined);
  return readFirstPartyOf(existing, false, request);
}

/** Whether files need edits that a pass with these texts did not make. */
export function hasNewRequired(
  files: readonly FirstPartyFile[],
  { required }: FirstPartyTexts,
): boolean {
  return files.some(({ file, requiredText }) => requiredText !== undefined && !required.has(file));
}
