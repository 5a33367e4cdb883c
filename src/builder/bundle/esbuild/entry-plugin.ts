import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import { entrySource } from './entry-source.ts';

/** Passes the generated entry to esbuild. The entry is not a file, so it has a namespace of its own. */
export function entryPlugin(spec: FunctionSpec): Plugin {
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
