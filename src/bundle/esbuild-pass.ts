import path from 'node:path';
import { build } from 'esbuild';
import type { BuildFailure, Message, Metafile, OutputFile, Plugin } from 'esbuild';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { NAME_DEFINITIONS, bannerText, placedText } from './banner.ts';
import type { BundleFile } from './bundle.ts';
import type { BundleOptions } from './bundle-function.ts';
import { entrySource } from './entry-source.ts';
import { viaEsbuild } from './esbuild-process.ts';

/** What one run of esbuild has to do differently from bundling everything it can reach. */
export interface PassPlan {
  /** Decides about a bare import; absent when nothing is external. The filter keeps esbuild from asking for every import. */
  readonly externals?: Plugin;
  /** Source text to use in place of a file's own; keys are absolute paths. */
  readonly rewritten: ReadonlyMap<string, string>;
  /** First-party modules that are loaded by path (workers): absolute file → its place in the artifact. Each becomes a bundle of its own. */
  readonly modules: ReadonlyMap<string, string>;
}

export type PassOutcome =
  | { readonly ok: true; readonly files: readonly BundleFile[]; readonly metafile: Metafile; readonly warnings: readonly Message[] }
  | { readonly ok: false; readonly errors: readonly Message[] };

/**
 * Runs esbuild once for one function.
 *
 * Names, lines and comments-free source are kept (only syntax is shortened): a stack trace of a function that
 * failed at night has to be readable without a source map, and deflate takes most of what minifying would save.
 */
export async function runEsbuild(spec: FunctionSpec, options: BundleOptions, plan: PassPlan): Promise<PassOutcome> {
  try {
    const result = await viaEsbuild(() => build({
      absWorkingDir: options.projectDirectory,
      entryPoints: [{ in: 'bgfn:entry', out: spec.name }, ...[...plan.modules].map(([file, place]) => ({ in: file, out: place + MODULE_MARK }))],
      outdir: options.projectDirectory,
      outExtension: { '.js': '.mjs' },
      assetNames: 'assets/[name]-[hash]',
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      target: `node${spec.bundling.nodeMajor}`,
      charset: 'utf8',
      legalComments: 'none',
      minifySyntax: true,
      minifyWhitespace: options.minify,
      minifyIdentifiers: options.minify,
      keepNames: options.minify,
      sourcemap: options.sourcemap ? 'linked' : false,
      banner: { js: bannerText(plan.rewritten.size > 0) },
      loader: { '.node': 'copy', '.wasm': 'copy' },
      define: { ...NAME_DEFINITIONS },
      external: [...spec.bundling.ignoredNodeModules],
      logLevel: 'silent',
      logLimit: 0,
      plugins: [entryPlugin(spec), rewritePlugin(plan.rewritten), ...(plan.externals === undefined ? [] : [plan.externals])],
    }));
    return { ok: true, files: generatedFiles(result.outputFiles, options.projectDirectory), metafile: result.metafile, warnings: result.warnings };
  } catch (error) {
    if (isBuildFailure(error)) return { ok: false, errors: error.errors };
    throw error;
  }
}

/** Tells the output of a module apart until it gets its own place; esbuild sets one extension for all. */
const MODULE_MARK = '.bgfn-module';

function generatedFiles(outputs: readonly OutputFile[], projectDirectory: string): readonly BundleFile[] {
  return outputs.map(({ path: file, contents }) => {
    const place = path.relative(projectDirectory, file).replaceAll(path.sep, '/');
    const own = place.replace(`${MODULE_MARK}.mjs`, '');
    const bytes = place.endsWith('.mjs') ? placedText(contents, own, own !== place) : contents;
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
      pluginBuild.onResolve({ filter: /^bgfn:entry$/ }, () => ({ path: 'entry', namespace: 'bgfn' }));
      pluginBuild.onLoad({ filter: /^entry$/, namespace: 'bgfn' }, () => ({ contents: entrySource(spec, userModule), resolveDir: directory, loader: 'js' }));
    },
  };
}

function rewritePlugin(rewritten: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'bgfn-rewrite',
    setup(pluginBuild) {
      if (rewritten.size === 0) return;
      pluginBuild.onLoad({ filter: exactlyAnyOf([...rewritten.keys()]), namespace: 'file' }, ({ path: file }) => {
        const contents = rewritten.get(file);
        return contents === undefined ? null : { contents, loader: loaderFor(file), resolveDir: path.dirname(file) };
      });
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

/** A filter for exactly these texts, in the syntax that both JavaScript and Go's regular expressions read. */
export function exactlyAnyOf(texts: readonly string[]): RegExp {
  return new RegExp(`^(?:${texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|')})$`);
}
