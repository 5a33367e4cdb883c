import type { Plugin } from 'esbuild';
import { exactlyAnyOf } from './filter.ts';

/** Returns the key of one import in one file. */
export function importKey(importer: string, specifier: string): string {
  return `${importer}\0${specifier}`;
}

function specifierOf(key: string): string {
  return key.slice(key.indexOf('\0') + 1);
}

/**
 * Leaves exactly these imports external: `importKey` → the specifier to import at run time. The
 * filter keeps esbuild from calling the plugin for every import.
 */
export function externalsPlugin(renames: ReadonlyMap<string, string>): Plugin {
  const specifiers = [...new Set([...renames.keys()].map(specifierOf))];
  return {
    name: 'bgfn-externals',
    setup(pluginBuild) {
      if (specifiers.length === 0) return;
      pluginBuild.onResolve(
        { filter: exactlyAnyOf(specifiers) },
        ({ path: specifier, importer }) => {
          const renamed = renames.get(importKey(importer, specifier));
          return renamed === undefined ? null : { path: renamed, external: true };
        },
      );
    },
  };
}
