import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  build,
  type BuildFailure,
  type Message,
  type Metafile,
  type OutputFile,
  type Plugin,
} from 'esbuild';
import { parseSync } from 'oxc-parser';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleFile, BundleOptions } from '../contract/bundle.ts';
import { nameDefinitions, bannerText, placedText } from './banner.ts';
import { entrySource } from './entry-source.ts';
import { viaEsbuild } from './esbuild-process.ts';

/** What one run of esbuild has to do differently from bundling everything it can reach. */
export interface PassPlan {
  /**
   * Decides about a bare import; absent when nothing is external. The filter keeps esbuild from
   * asking for every import.
   */
  readonly externals?: Plugin;
  /** Source text to use in place of a file's own; keys are absolute paths. */
  readonly rewritten: ReadonlyMap<string, string>;
  /**
   * First-party modules that are loaded by path (workers): absolute file → its place in the
   * artifact. Each becomes a bundle of its own.
   */
  readonly modules: ReadonlyMap<string, string>;
  /**
   * Classes and functions of one name in two files keep it (`Order2.name` is `Order`): a little
   * more code for each of them.
   */
  readonly keepNames: boolean;
}

export type PassOutcome =
  | {
      readonly ok: true;
      readonly files: readonly BundleFile[];
      readonly metafile: Metafile;
      readonly warnings: readonly Message[];
    }
  | { readonly ok: false; readonly errors: readonly Message[] };

/**
 * Runs esbuild once for one function.
 *
 * Names, lines and comments-free source are kept (only syntax is shortened): a stack trace of a
 * function that failed at night has to be readable without a source map, and deflate takes most of
 * what minifying would save.
 */
export async function runEsbuild(
  spec: FunctionSpec,
  options: BundleOptions,
  plan: PassPlan,
): Promise<PassOutcome> {
  try {
    const modules = [...plan.modules];
    const commonJs = modules.filter(([file]) => isCommonJs(file));
    const entries = entryPointsOf(modules.filter((one) => !commonJs.includes(one)));
    const [main, ...others] = await Promise.all([
      runFormat('esm', [{ in: 'bgfn:entry', out: spec.name }, ...entries], spec, options, plan),
      ...(commonJs.length === 0
        ? []
        : [runFormat('cjs', entryPointsOf(commonJs), spec, options, plan)]),
    ]);
    const results = [main, ...others];
    return {
      ok: true,
      files: results.flatMap(({ outputFiles }) =>
        generatedFiles(outputFiles, options.projectDirectory),
      ),
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

type EntryPoint = { readonly in: string; readonly out: string };

function entryPointsOf(modules: readonly (readonly [file: string, place: string])[]): EntryPoint[] {
  return modules.map(([file, place]) => ({ in: file, out: place + moduleMark }));
}

/** One call of esbuild: it writes all its outputs in one format. */
function runFormat(
  format: 'esm' | 'cjs',
  entryPoints: EntryPoint[],
  spec: FunctionSpec,
  options: BundleOptions,
  plan: PassPlan,
) {
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
      target: `node${spec.bundling.nodeMajor}`,
      charset: 'utf8',
      legalComments: 'none',
      minifySyntax: true,
      minifyWhitespace: options.minify,
      minifyIdentifiers: options.minify,
      keepNames: options.minify || plan.keepNames,
      sourcemap: options.sourcemap ? 'linked' : false,
      banner: { js: bannerText(format, plan.rewritten.size > 0) },
      loader: { '.node': 'copy', '.wasm': 'copy' },
      define: format === 'esm' ? { ...nameDefinitions } : {},
      external: [...spec.bundling.ignoredNodeModules],
      logLevel: 'silent',
      logLimit: 0,
      plugins: [
        entryPlugin(spec),
        rewritePlugin(plan.rewritten),
        ...(plan.externals === undefined ? [] : [plan.externals]),
      ],
    }),
  );
}

/**
 * Whether who loads a module by path gets CommonJS from it: a worker does not care,
 * `createRequire(…)('./settings.cjs')` does.
 */
function isCommonJs(file: string): boolean {
  if (/\.c[jt]s$/.test(file)) return true;
  if (/\.m[jt]s$/.test(file)) return false;
  return !parseSync(file, readFileSync(file, 'utf8'), { sourceType: 'unambiguous' }).module
    .hasModuleSyntax;
}

/**
 * Tells the output of a module apart until it gets its own place; esbuild sets one extension for
 * all.
 */
const moduleMark = '.bgfn-module';

function generatedFiles(
  outputs: readonly OutputFile[],
  projectDirectory: string,
): readonly BundleFile[] {
  return outputs.map(({ path: file, contents }) => {
    const place = path.relative(projectDirectory, file).replaceAll(path.sep, '/');
    const own = place.replace(/\.bgfn-module\.[cm]js(?=$|\.map$)/, '');
    const bytes = /\.[cm]js$/.test(place) ? placedText(contents, own, own !== place) : contents;
    return { path: own, mode: 0o644, content: { bytes } };
  });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

/** The generated entry lives in a namespace of its own: it is no file. */
function entryPlugin(spec: FunctionSpec): Plugin {
  const directory = path.dirname(spec.entry.mainFile);
  const userModule = `./${path.basename(spec.entry.mainFile)}`;
  return {
    name: 'bgfn-entry',
    setup(pluginBuild) {
      pluginBuild.onResolve({ filter: /^bgfn:entry$/ }, () => ({
        path: 'entry',
        namespace: 'bgfn',
      }));
      pluginBuild.onLoad({ filter: /^entry$/, namespace: 'bgfn' }, () => ({
        contents: entrySource(spec, userModule),
        resolveDir: directory,
        loader: 'js',
      }));
    },
  };
}

function rewritePlugin(rewritten: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'bgfn-rewrite',
    setup(pluginBuild) {
      if (rewritten.size === 0) return;
      pluginBuild.onLoad(
        { filter: exactlyAnyOf([...rewritten.keys()]), namespace: 'file' },
        ({ path: file }) => {
          const contents = rewritten.get(file);
          return contents === undefined
            ? null
            : { contents, loader: loaderFor(file), resolveDir: path.dirname(file) };
        },
      );
    },
  };
}

function loaderFor(file: string): 'js' | 'jsx' | 'ts' | 'tsx' {
  switch (path.extname(file)) {
    case '.tsx':
      return 'tsx';
    case '.jsx':
      return 'jsx';
    case '.ts':
    case '.mts':
    case '.cts':
      return 'ts';
    default:
      return 'js';
  }
}

/**
 * A filter for exactly these texts, in the syntax that both JavaScript and Go's regular expressions
 * read.
 */
export function exactlyAnyOf(texts: readonly string[]): RegExp {
  return new RegExp(
    `^(?:${texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|')})$`,
  );
}
