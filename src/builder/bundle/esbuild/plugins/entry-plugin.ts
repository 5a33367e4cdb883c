import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { FunctionSpec } from '../../../discover/function-spec.ts';
import { entrySource } from '../output/entry-source.ts';

const namespace = 'bgfn';

/** Name of a function's generated entry in a metafile. */
export const mainEntry = `${namespace}:entry`;

/**
 * Returns the names of the generated entries in one call of esbuild, in the order of the functions.
 * Where there are several functions, each entry needs a name of its own.
 */
export function entryNames(specs: readonly FunctionSpec[]): readonly string[] {
  return specs.map(({ name }) => (specs.length === 1 ? mainEntry : `${mainEntry}/${name}`));
}

/**
 * Passes the generated entries of functions to esbuild. An entry is not a file, so the entries have
 * a namespace of their own.
 */
export function entryPlugin(specs: readonly FunctionSpec[]): Plugin {
  const names = entryNames(specs);
  return {
    name: 'bgfn-entry',
    setup(pluginBuild) {
      pluginBuild.onResolve({ filter: /^bgfn:entry/ }, ({ path: specifier, kind }) =>
        kind === 'entry-point' ? { path: specifier.slice(namespace.length + 1), namespace } : null,
      );
      pluginBuild.onLoad({ filter: /^entry/, namespace }, ({ path: entry }) => {
        const spec = specs[names.indexOf(`${namespace}:${entry}`)];
        if (spec === undefined) return null;
        const { mainFile } = spec.entry;
        return {
          contents: entrySource(spec, `./${path.basename(mainFile)}`),
          resolveDir: path.dirname(mainFile),
          loader: 'js',
        };
      });
    },
  };
}
