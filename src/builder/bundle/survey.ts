import path from 'node:path';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Outcome } from '../../diagnostic/outcome.ts';
import { artifactPathOf } from './copied-files/artifact-path.ts';
import { existingFile } from './copied-files/existing-file.ts';
import { findIncludedFiles } from './copied-files/included-files.ts';
import { toDiagnostics } from './esbuild/esbuild-messages.ts';
import type { FinishedPass } from './esbuild/esbuild-pass.ts';
import { bundleEverything } from './esbuild/first-pass.ts';
import { reachedCode, type ReachedCode } from './esbuild/reached-code.ts';
import { readFirstParty, type FirstPartyFile } from './first-party/first-party-file.ts';
import { findOpenedFiles, type OpenedFiles } from './first-party/opened-files.ts';
import { installedRoot } from './packages/installed-root.ts';
import type { BundleRequest } from './session/bundle-request.ts';

/** A function bundled as one file, and what that shows of it. */
export interface Survey {
  readonly pass: FinishedPass;
  /** Imports of absent packages that the pass left alone: `importKey` → specifier. */
  readonly missing: ReadonlyMap<string, string>;
  readonly reached: ReachedCode;
  readonly firstParty: readonly FirstPartyFile[];
  readonly opened: OpenedFiles;
  /** First-party modules that are loaded by path: absolute file → its place in the artifact. */
  readonly modules: ReadonlyMap<string, string>;
  /** Texts that the pass was given in place of files' own. */
  readonly rewritten: ReadonlyMap<string, string>;
  /** The files that the author includes; absolute, sorted. */
  readonly included: readonly string[];
}

/** Looks at a function from all sides: its code, and the files that its author includes. */
export async function surveyFunction(request: BundleRequest): Promise<Outcome<Survey>> {
  const [survey, included] = await Promise.all([
    surveyCode(request),
    findIncludedFiles(request.spec.bundling),
  ]);
  return survey.ok ? { ok: true, value: { ...survey.value, included } } : survey;
}

/**
 * Bundles everything and reads what that reached. A first-party module that is loaded by path
 * brings code of its own, so the survey starts again with it.
 *
 * Mostly it is the function's main file that names its location: with its text rewritten from the
 * start, such a function needs no second pass. Should esbuild have anything to say, it is given the
 * files as they are, because its messages point into them.
 */
async function surveyCode(request: BundleRequest): Promise<Outcome<Omit<Survey, 'included'>>> {
  const { spec, options } = request;
  const { projectDirectory } = options;
  const modules = new Map<string, string>();
  let rewritten = rewrittenTexts(readMainFile(request));
  for (;;) {
    const { pass, missing } = await bundleEverything(spec, options, { modules, rewritten });
    if (rewritten.size > 0 && (!pass.ok || pass.warnings.length > 0)) {
      rewritten = new Map();
      continue;
    }
    if (!pass.ok) {
      const diagnostics = toDiagnostics(pass.errors, 'error', spec.name, projectDirectory);
      return { ok: false, diagnostics };
    }
    const reached = reachedCode(pass.metafile, projectDirectory);
    const zipped = reached.files.find(isInYarnZip);
    if (zipped !== undefined) {
      return { ok: false, diagnostics: [plugAndPlayError(zipped, spec.name)] };
    }
    const firstParty = readReachedFirstParty(reached, request);
    const opened = await findOpenedFiles({
      files: firstParty,
      bundled: new Set(reached.files),
      projectDirectory,
      packages: request.session.packages,
    });
    const fresh = opened.modules.filter((file) => !modules.has(file));
    if (fresh.length === 0) {
      const value = { pass, missing, reached, firstParty, opened, modules, rewritten };
      return { ok: true, value };
    }
    for (const file of fresh) modules.set(file, artifactPathOf(file, projectDirectory));
  }
}

function readMainFile({ spec, options }: BundleRequest): readonly FirstPartyFile[] {
  const { mainFile } = spec.entry;
  if (existingFile(mainFile) === undefined || installedRoot(mainFile) !== undefined) return [];
  const place = artifactPathOf(mainFile, options.projectDirectory);
  const read = readFirstParty(mainFile, place, false);
  return read === undefined ? [] : [read];
}

/** Reads all first-party files when some reached package may load a module by a name in them. */
function readReachedFirstParty(
  { files }: ReachedCode,
  { options, session }: BundleRequest,
): readonly FirstPartyFile[] {
  const always = files.some((file) => session.scans.loadsByName(file));
  return files
    .filter((file) => installedRoot(file) === undefined)
    .map((file) => readFirstParty(file, artifactPathOf(file, options.projectDirectory), always))
    .filter((file) => file !== undefined);
}

/** Absolute file → its text with its own location put in, for the files that ask for it. */
export function rewrittenTexts(files: readonly FirstPartyFile[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { file, rewritten } of files) {
    if (rewritten !== undefined) texts.set(file, rewritten);
  }
  return texts;
}

function isInYarnZip(file: string): boolean {
  return /\.zip[\\/]node_modules[\\/]/.test(file);
}

/** Esbuild reads Yarn's zips; Node's file system does not, and an artifact has no Yarn to do it. */
function plugAndPlayError(file: string, functionName: string): Diagnostic {
  return {
    severity: 'error',
    code: 'ESBUILD',
    message:
      `${path.basename(file)} lies in a zip of Yarn's Plug'n'Play, which a function's artifact ` +
      `cannot be made of. Set "nodeLinker: node-modules" (or "pnpm") in .yarnrc.yml and run ` +
      `"yarn install".`,
    functionName,
  };
}
