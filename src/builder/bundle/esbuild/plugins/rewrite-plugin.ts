import path from 'node:path';
import type { Plugin } from 'esbuild';
import { exactlyAnyOf } from './filter.ts';

/** Passes rewritten texts to esbuild in place of the files' own; keys are absolute paths. */
export function rewritePlugin(rewritten: ReadonlyMap<string, string>): Plugin {
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
