import path from 'node:path';
import type { Message } from 'esbuild';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Outcome } from '../../diagnostic/outcome.ts';
import {
  bundleRewritten,
  hasNewRequired,
  readFirstPartyOf,
  readLoadedFirstParty,
  textsOfMainFile,
} from './bundle-rewritten.ts';
import { artifactPathOf } from './copied-files/artifact-path.ts';
import { Exclusion } from './copied-files/exclusion.ts';
import { findIncludedFiles, type IncludedFiles } from './copied-files/included-files.ts';
import { filesNamedByText, isData } from './copied-files/named-by-text.ts';
import { toDiagnostics } from './esbuild/esbuild-messages.ts';
import { reachedCode, type ReachedCode } from './esbuild/metafile/reached-code.ts';
import type { MissingImport } from './esbuild/passes/missing-imports.ts';
import type { FinishedPass } from './esbuild/passes/pass-plan.ts';
import { errorsWithoutBundle } from './esbuild/passes/refused-packages.ts';
import { liesOutside, type OutsidePackages } from './esbuild/plugins/outside-plugin.ts';
import { firstPartyTexts, type FirstPartyFile } from './first-party/first-party-file.ts';
import {
  findOpenedFiles,
  type ModuleCertainty,
  type OpenedFiles,
  type PackagePath,
} from './first-party/opened-files.ts';
import { installedRoot } from './packages/installed-root.ts';
import { packageFiles } from './packages/package-files.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import type { BundleSession } from './session/session.ts';

/** A function bundled as one file, and what the bundle shows of the function. */
export interface Survey {
  readonly pass: FinishedPass;
  /** Imports of packages that are not installed, by `importKey`. */
  readonly missing: ReadonlyMap<string, MissingImport>;
  /** The packages of which the pass read no file. */
  readonly outside: OutsidePackages;
  readonly reached: ReachedCode;
  /** Reached modules that load modules by computed names. */
  readonly loaders: readonly string[];
  readonly firstParty: readonly FirstPartyFile[];
  readonly opened: OpenedFiles;
  /** First-party modules that are loaded by path: absolute file → its place in the artifact. */
  readonly modules: ReadonlyMap<string, string>;
  /** Those of these modules that run in the function's own thread. */
  readonly threadModules: ReadonlySet<string>;
  /** The texts that the pass used in place of the files' own: absolute file → text. */
  readonly rewritten: ReadonlyMap<string, string>;
  /** The files that the author includes. */
  readonly included: IncludedFiles;
  /** Files that are named in opened and included files: absolute file → the file that names it. */
  readonly namedByText: ReadonlyMap<string, string>;
  /** What the author excludes from the artifact. */
  readonly exclusion: Exclusion;
}

type CodeSurvey = Omit<Survey, 'included' | 'namedByText' | 'exclusion'>;

/** Bundles the function once and collects what that shows; finds the included files. */
export async function surveyFunction(request: BundleRequest): Promise<Outcome<Survey>> {
  const { bundling } = request.spec;
  const exclusion = new Exclusion(bundling);
  const [survey, included] = await Promise.all([
    surveyCode(request, exclusion),
    findIncludedFiles(bundling),
  ]);
  if (!survey.ok) return survey;
  const { opened, reached } = survey.value;
  const data = reached.files.filter((file) => isData(file) && installedRoot(file) === undefined);
  const { projectFiles } = request.session;
  const { projectDirectory } = request.options;
  const namedByText = filesNamedByText([...opened.copied.keys(), ...included.files, ...data], {
    projectFiles,
    exclusion,
    projectDirectory,
  });
  return { ok: true, value: { ...survey.value, included, namedByText, exclusion } };
}

/**
 * Bundles everything and reads the code that was reached. A first-party module that is loaded by
 * path brings code of its own, so the survey is repeated with each such module that it finds.
 *
 * Most functions that name their own location do so in their main file. The survey rewrites that
 * file from the start, so that these functions need no second pass. It is repeated when another
 * file turns out to load modules by a pattern, because esbuild would include other files than
 * these.
 */
async function surveyCode(
  request: BundleRequest,
  exclusion: Exclusion,
): Promise<Outcome<CodeSurvey>> {
  const { spec, options, session } = request;
  const { projectDirectory } = options;
  const modules = new Map<string, ModuleCertainty>();
  /** Modules that cannot be bundled, and that the code may never load. */
  const plain = new Set<string>();
  let texts = textsOfMainFile(request);
  for (;;) {
    const places = placesOf(modules.keys(), projectDirectory);
    const bundled = await bundleRewritten(request, places, texts);
    const { pass, missing, outside, rewritten } = bundled;
    if (!pass.ok) {
      const loaded = await readLoadedFirstParty(request, places, bundled);
      if (hasNewRequired(loaded, texts)) {
        texts = firstPartyTexts(loaded);
        continue;
      }
      const possible = [...modules].filter(([, certainty]) => certainty === 'possible');
      if (possible.length === 0) return failed(pass.errors, request);
      for (const [file] of possible) {
        plain.add(file);
        modules.delete(file);
      }
      continue;
    }
    const reached = reachedCode(pass.metafile, projectDirectory);
    const broken = errorsWithoutBundle(bundled.refused, reached, projectDirectory);
    if (broken.length > 0) return failed(broken, request);
    const zipped = reached.files.find(isInYarnZip);
    if (zipped !== undefined) {
      return { ok: false, diagnostics: [plugAndPlayError(zipped, spec.name)] };
    }
    const loaders = loadersByName(reached, outside, session);
    const firstParty = readFirstPartyOf(reached.files, loaders.length > 0, request);
    if (hasNewRequired(firstParty, texts)) {
      texts = firstPartyTexts(firstParty);
      continue;
    }
    const opened = findOpenedFiles({
      files: firstParty,
      bundled: new Set(reached.files),
      projectDirectory,
      projectFiles: session.projectFiles,
      outputDirectory: options.outputDirectory,
      foundByPackages: foundByPackages(reached, session),
      exclusion,
      plain,
    });
    const unbundled = [...opened.modules].filter(([file]) => !modules.has(file));
    if (unbundled.length === 0) {
      return {
        ok: true,
        value: {
          pass,
          missing,
          outside,
          reached,
          loaders,
          firstParty,
          opened,
          modules: places,
          threadModules: new Set([...places.keys()].filter((file) => !opened.isolated.has(file))),
          rewritten,
        },
      };
    }
    for (const [file, certainty] of unbundled) modules.set(file, certainty);
  }
}

/** Lists what the reached code of packages looks for in the working directory. */
function foundByPackages({ files }: ReachedCode, { scans }: BundleSession): readonly PackagePath[] {
  return files
    .filter((file) => installedRoot(file) !== undefined)
    .flatMap((file) => scans.workingDirectoryPathsIn(file).map((one) => ({ file, path: one })));
}

function failed(errors: readonly Message[], { spec, options }: BundleRequest): Outcome<never> {
  const diagnostics = toDiagnostics(errors, 'error', spec.name, options.projectDirectory);
  return { ok: false, diagnostics };
}

function placesOf(files: Iterable<string>, projectDirectory: string): ReadonlyMap<string, string> {
  return new Map([...files].map((file) => [file, artifactPathOf(file, projectDirectory)]));
}

/**
 * Lists the reached modules that load modules by computed names. Of a package that the pass did not
 * read, any module may be reached.
 */
function loadersByName(
  { files }: ReachedCode,
  outside: OutsidePackages,
  { scans }: BundleSession,
): readonly string[] {
  const unread = files.filter((file) => liesOutside(file, outside));
  const roots = new Set(unread.map((file) => installedRoot(file) ?? file));
  const modules = [...roots].flatMap((root) => packageFiles(root));
  return [...files, ...modules].filter((file) => scans.loadsByName(file));
}

function isInYarnZip(file: string): boolean {
  return /\.zip[\\/]node_modules[\\/]/.test(file);
}

/** Esbuild reads Yarn's zips, but Node's file system does not, and an artifact has no Yarn. */
function plugAndPlayError(file: string, functionName: string): Diagnostic {
  return {
    severity: 'error',
    code: 'PLUG_AND_PLAY',
    message:
      `${path.basename(file)} lies in a zip of Yarn's Plug'n'Play, which a function's artifact ` +
      `cannot be made of. Set "nodeLinker: node-modules" (or "pnpm") in .yarnrc.yml and run ` +
      `"yarn install".`,
    functionName,
  };
}
