import path from 'node:path';
import type { Message } from 'esbuild';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { BundleFile, BundleOptions, BundleOutcome } from './contract/bundle.ts';
import { includedFiles } from './copied-files/included-files.ts';
import { builtinWarnings } from './esbuild/builtin-check.ts';
import { inputsOf } from './esbuild/bundle-inputs.ts';
import { partsOf } from './esbuild/bundle-parts.ts';
import { adapterPath, adapterFor, netlifyEntry } from './esbuild/entry-source.ts';
import { toDiagnostic } from './esbuild/esbuild-messages.ts';
import { runEsbuild } from './esbuild/esbuild-pass.ts';
import { bundleEverything, externalsPlugin, type FirstPass } from './esbuild/first-pass.ts';
import { decoratorWarnings, tsconfigFiles } from './esbuild/typescript-config.ts';
import { loadsByName, namedImports } from './externals/named-imports.ts';
import { planHybrid, reachedCode, type ReachedCode } from './externals/plan-externals.ts';
import { firstPartyAssets, type Assets } from './first-party/first-party-assets.ts';
import {
  artifactPathOf,
  existingFile,
  readFirstParty,
  type FirstPartyFile,
} from './first-party/first-party-file.ts';
import { installedRoot } from './packages/package-index.ts';

/**
 * Bundles a JavaScript or TypeScript function into `<name>.mjs`, with the packages that cannot be
 * part of one file beside it.
 *
 * The first pass bundles everything; what it reached tells which packages have to stay outside and
 * which files are read at run time. Most functions need no more than that pass; the others get a
 * second one that knows.
 */
export async function bundleJavaScript(
  spec: FunctionSpec,
  options: BundleOptions,
): Promise<BundleOutcome> {
  const { projectDirectory } = options;
  const diagnose =
    (severity: 'error' | 'warning') =>
    (message: Message): Diagnostic =>
      toDiagnostic(message, severity, spec.name, projectDirectory);
  const [survey, included] = await Promise.all([
    surveyFunction(spec, options),
    includedFiles(spec.bundling.includedFiles, spec.bundling.includedFilesBase),
  ]);
  const first = survey.pass;
  if (!first.ok) return { ok: false, diagnostics: first.errors.map(diagnose('error')) };
  const plan = await planHybrid(
    survey.reached,
    namedImports(survey.reached, survey.firstParty),
    spec,
    options,
  );
  const problems = plan?.diagnostics ?? [];
  if (problems.some(({ severity }) => severity === 'error')) {
    return { ok: false, diagnostics: problems };
  }
  const rewritten = rewrittenTexts(survey.firstParty);
  const renames = new Map([...survey.missing, ...(plan?.renames ?? [])]);
  const keepNames = survey.firstParty.some(({ asksNames }) => asksNames);
  const isFinal =
    plan === undefined &&
    !keepNames &&
    rewritten.size === survey.rewritten.size &&
    [...rewritten.keys()].every((file) => survey.rewritten.has(file));
  const pass = isFinal
    ? first
    : await runEsbuild(spec, options, {
        rewritten,
        modules: survey.modules,
        externals: externalsPlugin(renames),
        keepNames,
      });
  if (!pass.ok) return { ok: false, diagnostics: pass.errors.map(diagnose('error')) };
  const copied = [...survey.assets.data, ...included].map((file): BundleFile => ({
    path: artifactPathOf(file, projectDirectory),
    mode: 0o644,
    content: { copyFrom: file },
  }));
  const files = [...pass.files, ...(plan?.files ?? []), ...copied];
  const adapter = await adapterFor(files, options.adapter);
  const sources = survey.reached.files.filter((file) => installedRoot(file) === undefined);
  const own = [
    ...survey.firstParty
      .flatMap(({ warnings }) => warnings)
      .map((warning): Diagnostic => Object.assign({ functionName: spec.name }, warning)),
    ...decoratorWarnings(sources, spec.name),
    ...builtinWarnings(first.metafile, spec, projectDirectory),
  ];
  return {
    ok: true,
    bundle: {
      runtime: 'js',
      bundler: spec.bundling.nodeBundler === 'auto' ? 'esbuild' : spec.bundling.nodeBundler,
      content: {
        kind: 'files',
        files: distinct([
          { path: adapterPath, mode: 0o644, content: { bytes: Buffer.from(adapter) } },
          ...netlifyEntry(spec),
          ...files,
        ]),
      },
      handler: `${spec.name}.handler`,
      runtimeVersion: `nodejs${spec.bundling.nodeMajor}.x`,
      parts: partsOf(pass.metafile),
      inputs: inputsOf(first.metafile, projectDirectory, [
        ...(plan?.inputs ?? []),
        ...survey.assets.data,
        ...included,
        ...tsconfigFiles(sources),
      ]),
      warnings: [
        ...problems,
        ...own,
        ...first.warnings
          .filter((warning) => isFirstParty(warning, projectDirectory))
          .map(diagnose('warning')),
      ],
    },
  };
}

interface Survey extends FirstPass {
  readonly reached: ReachedCode;
  readonly firstParty: readonly FirstPartyFile[];
  readonly assets: Assets;
  readonly modules: ReadonlyMap<string, string>;
  /** What the pass was given in place of a file's own text. */
  readonly rewritten: ReadonlyMap<string, string>;
}

/**
 * Bundles everything and reads what that reached. A first-party module that is loaded by path
 * brings code of its own, so the look around starts again with it. Mostly it is the function's main
 * file that names its location: with its text rewritten from the start, such a function needs no
 * second pass.
 */
/** Esbuild reads Yarn's zips; Node's file system does not, and an artifact has no Yarn to do it. */
function plugAndPlayError(file: string): Message {
  const text = `${path.basename(file)} lies in a zip of Yarn's Plug'n'Play, which a function's artifact cannot be made of. Set "nodeLinker: node-modules" (or "pnpm") in .yarnrc.yml and run "yarn install".`;
  return { id: '', pluginName: '', text, location: null, notes: [], detail: undefined };
}

async function surveyFunction(spec: FunctionSpec, options: BundleOptions): Promise<Survey> {
  const { projectDirectory } = options;
  const modules = new Map<string, string>();
  let rewritten = rewrittenTexts(readMainFile(spec, projectDirectory));
  for (;;) {
    const { pass, missing } = await bundleEverything(spec, options, { modules, rewritten });
    if (rewritten.size > 0 && (!pass.ok || pass.warnings.length > 0)) {
      // A message points into the file as it is.
      rewritten = new Map();
      continue;
    }
    if (!pass.ok) {
      return {
        pass,
        missing,
        reached: { files: [], imports: [] },
        firstParty: [],
        assets: { data: [], modules: [] },
        modules,
        rewritten,
      };
    }
    const reached = reachedCode(pass.metafile, projectDirectory);
    const zipped = reached.files.find((file) => /\.zip[\\/]node_modules[\\/]/.test(file));
    if (zipped !== undefined) {
      const refused = { ok: false, errors: [plugAndPlayError(zipped)] } as const;
      return {
        pass: refused,
        missing,
        reached: { files: [], imports: [] },
        firstParty: [],
        assets: { data: [], modules: [] },
        modules,
        rewritten,
      };
    }
    const always = reached.files.some(loadsByName);
    const firstParty = reached.files
      .filter((file) => installedRoot(file) === undefined)
      .map((file) => readFirstParty(file, artifactPathOf(file, projectDirectory), always))
      .filter((file) => file !== undefined);
    const assets = await firstPartyAssets(firstParty, new Set(reached.files), projectDirectory);
    const fresh = assets.modules.filter((file) => !modules.has(file));
    if (fresh.length === 0) {
      return { pass, missing, reached, firstParty, assets, modules, rewritten };
    }
    for (const file of fresh) modules.set(file, artifactPathOf(file, projectDirectory));
  }
}

function readMainFile(
  { entry: { mainFile } }: FunctionSpec,
  projectDirectory: string,
): readonly FirstPartyFile[] {
  const read =
    existingFile(mainFile) === undefined || installedRoot(mainFile) !== undefined
      ? undefined
      : readFirstParty(mainFile, artifactPathOf(mainFile, projectDirectory), false);
  return read === undefined ? [] : [read];
}

function rewrittenTexts(files: readonly FirstPartyFile[]): ReadonlyMap<string, string> {
  return new Map(
    files.flatMap(({ file, rewritten }) =>
      rewritten === undefined ? [] : [[file, rewritten] as const],
    ),
  );
}

/** Sorted by path; of two files for one place the first stays. */
function distinct(files: readonly BundleFile[]): readonly BundleFile[] {
  const byPath = new Map<string, BundleFile>();
  for (const file of files) if (!byPath.has(file.path)) byPath.set(file.path, file);
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function isFirstParty(message: Message, projectDirectory: string): boolean {
  return (
    message.location === null ||
    installedRoot(path.resolve(projectDirectory, message.location.file)) === undefined
  );
}
