import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  build,
  type BuildFailure,
  type BuildResult,
  type Message,
  type Metafile,
  type OutputFile,
  type Plugin,
} from 'esbuild';
import { parseSync } from 'oxc-parser';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import type { BundleFile } from '../contract/bundle.ts';
import { firstPartyMode } from '../native/executable.ts';
import { bannerNeedsOf, bannerText, nameDefinitions, placedText } from './banner.ts';
import { entryPlugin } from './entry-plugin.ts';
import { viaEsbuild } from './esbuild-process.ts';
import { exportConditions } from './export-conditions.ts';
import { externalsPlugin, type ExternalImports } from './external-imports.ts';
import { inPlacePlugin } from './in-place-plugin.ts';
import { outsidePlugin, type OutsidePackages } from './outside-plugin.ts';
import { rewritePlugin } from './rewrite-plugin.ts';
import { commonJsFacade, sharedPlace } from './shared-modules.ts';

/** How one pass of esbuild differs from bundling everything that esbuild can reach. */
export interface PassPlan extends ExternalImports {
  /** Absolute file → the source text to use in place of the file's own. */
  readonly rewritten: ReadonlyMap<string, string>;
  /**
   * First-party modules that are loaded by path (workers): absolute file → its place in the
   * artifact. Each becomes a bundle of its own.
   */
  readonly modules: ReadonlyMap<string, string>;
  /** Those of these modules that have one copy of their code with the function; default: none. */
  readonly shared?: ReadonlySet<string> | undefined;
  /**
   * Whether classes and functions that have one name in two files keep it (`Order2.name` is
   * `Order`), which takes a little more code for each of them.
   */
  readonly keepNames: boolean;
  /** Packages of which the pass reads no file. */
  readonly outside: OutsidePackages;
  /** A plugin that comes before all others. */
  readonly plugin?: Plugin | undefined;
}

export interface FinishedPass {
  readonly ok: true;
  readonly files: readonly BundleFile[];
  readonly metafile: Metafile;
  readonly warnings: readonly Message[];
}

export interface FailedPass {
  readonly ok: false;
  readonly errors: readonly Message[];
}

/**
 * Runs esbuild once for one function.
 *
 * Names and lines are kept, comments are dropped, and only the syntax is shortened. The stack trace
 * of a function that failed has to be readable without a source map, and deflate saves most of what
 * minifying would save.
 */
export async function runEsbuild(
  spec: FunctionSpec,
  options: BundleOptions,
  plan: PassPlan,
): Promise<FinishedPass | FailedPass> {
  try {
    const modules = [...plan.modules];
    const shared = modules.filter(([file]) => plan.shared?.has(file) === true);
    const alone = modules.filter((one) => !shared.includes(one));
    const commonJs = alone.filter(([file]) => isCommonJs(file));
    const esModules = alone.filter((one) => !commonJs.includes(one));
    const facades = shared.filter(([file]) => isCommonJs(file));
    const main = [
      { in: 'bgfn:entry', out: spec.name },
      ...entryPointsOf(
        shared.map((one) => (facades.includes(one) ? [one[0], sharedPlace(one[1])] : one)),
      ),
    ];
    const calls =
      shared.length === 0
        ? [esbuildCall('esm', [...main, ...entryPointsOf(esModules)], spec, options, plan)]
        : [
            esbuildCall('esm', main, spec, options, plan, true),
            ...(esModules.length > 0
              ? [esbuildCall('esm', entryPointsOf(esModules), spec, options, plan)]
              : []),
          ];
    if (commonJs.length > 0) {
      calls.push(esbuildCall('cjs', entryPointsOf(commonJs), spec, options, plan));
    }
    const results = await Promise.all(calls);
    return {
      ok: true,
      files: [
        ...results.flatMap(({ outputFiles }) =>
          generatedFiles(outputFiles, options.projectDirectory, modules),
        ),
        ...facades.map(([file, place]) => facadeOf(file, place)),
      ],
      metafile: {
        inputs: Object.assign({}, ...results.map(({ metafile }) => metafile.inputs)),
        outputs: Object.assign({}, ...results.map(({ metafile }) => metafile.outputs)),
      },
      warnings: results.flatMap(({ warnings }) => warnings),
    };
  } catch (error) {
    if (isBuildFailure(error)) return { ok: false, errors: error.errors };
    throw error;
  }
}

function facadeOf(file: string, place: string): BundleFile {
  const bytes = Buffer.from(commonJsFacade(place));
  return { path: place, mode: firstPartyMode(file), content: { bytes } };
}

type EntryPoint = { readonly in: string; readonly out: string };

function entryPointsOf(modules: readonly (readonly [file: string, place: string])[]): EntryPoint[] {
  return modules.map(([file, place]) => ({ in: file, out: place + moduleMark }));
}

/**
 * Makes one call of esbuild, which writes all its outputs in one format.
 *
 * @param splits Whether code that several outputs have in common is in files of its own
 */
function esbuildCall(
  format: 'esm' | 'cjs',
  entryPoints: EntryPoint[],
  spec: FunctionSpec,
  options: BundleOptions,
  plan: PassPlan,
  splits = false,
): Promise<BuildResult<{ write: false; metafile: true }>> {
  return viaEsbuild(() =>
    build({
      absWorkingDir: options.projectDirectory,
      entryPoints,
      outdir: options.projectDirectory,
      outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
      assetNames: 'assets/[name]-[hash]',
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format,
      splitting: splits,
      chunkNames: 'shared-[hash]',
      target: `node${spec.bundling.nodeMajor}`,
      conditions: exportConditions(spec.entry.mainFile),
      charset: 'utf8',
      legalComments: 'none',
      minifySyntax: true,
      minifyWhitespace: options.minify,
      minifyIdentifiers: options.minify,
      keepNames: options.minify || plan.keepNames,
      sourcemap: options.sourcemap ? 'linked' : false,
      banner: {
        js: bannerText(format, {
          ...bannerNeedsOf(plan.rewritten.values()),
          inPlace: plan.inPlace.size > 0,
        }),
      },
      loader: { '.node': 'copy', '.wasm': 'copy' },
      define: format === 'esm' ? { ...nameDefinitions } : {},
      external: [...spec.bundling.ignoredNodeModules],
      logLevel: 'silent',
      logLimit: 0,
      plugins: [
        ...(plan.plugin === undefined ? [] : [plan.plugin]),
        entryPlugin(spec),
        outsidePlugin(plan.outside),
        rewritePlugin(plan.rewritten),
        externalsPlugin(plan, format),
        inPlacePlugin,
      ],
    }),
  );
}

/**
 * Whether a module that is loaded by path has to be CommonJS in the artifact, too. A worker can be
 * of either format, but `createRequire(…)('./settings.cjs')` expects CommonJS.
 */
function isCommonJs(file: string): boolean {
  if (/\.c[jt]s$/.test(file)) return true;
  if (/\.m[jt]s$/.test(file)) return false;
  return !parseSync(file, readFileSync(file, 'utf8'), { sourceType: 'unambiguous' }).module
    .hasModuleSyntax;
}

/**
 * Suffix of a module's output until `generatedFiles` gives the output its own place. The suffix is
 * needed because esbuild sets one extension for all outputs.
 */
const moduleMark = '.bgfn-module';

function generatedFiles(
  outputs: readonly OutputFile[],
  projectDirectory: string,
  modules: readonly (readonly [file: string, place: string])[],
): readonly BundleFile[] {
  const sources = new Map(modules.map(([file, place]) => [place, file]));
  return outputs.map(({ path: file, contents }) => {
    const written = path.relative(projectDirectory, file).replaceAll(path.sep, '/');
    const place = written.replace(/\.bgfn-module\.[cm]js(?=$|\.map$)/, '');
    const isScript = /\.[cm]js$/.test(written);
    const text = modules.length > 0 && isScript ? withoutMarks(contents) : contents;
    const bytes = isScript ? placedText(text, place, place !== written) : contents;
    // A module that is loaded by path may be a script that the function executes.
    const source = isScript ? sources.get(place) : undefined;
    const mode = source === undefined ? 0o644 : firstPartyMode(source);
    return { path: place, mode, content: { bytes } };
  });
}

/** Corrects the imports of modules that outputs import from each other. */
function withoutMarks(contents: Uint8Array): Uint8Array {
  const text = Buffer.from(contents);
  return text.includes(`${moduleMark}.mjs`)
    ? Buffer.from(text.toString().replaceAll(`${moduleMark}.mjs`, ''))
    : contents;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
