import path from 'node:path';
import type { Plugin } from 'esbuild';
import { installedRoot } from '../../packages/installed-root.ts';
import { escapedForFilter } from './filter.ts';

/** Installed packages of which esbuild reads no file, because they stay outside the bundle. */
export interface OutsidePackages {
  /** Absolute directories of packages. */
  readonly directories: ReadonlySet<string>;
  /** Names of packages, wherever these are installed. */
  readonly names: readonly string[];
}

/** Whether a file belongs to one of these packages. */
export function liesOutside(file: string, { directories, names }: OutsidePackages): boolean {
  const root = installedRoot(file);
  if (root === undefined) return false;
  return directories.has(root) || names.some((name) => root.endsWith(inNodeModules(name)));
}

/** Text of a module that may export any name, so that every import from it links. */
const anyExports = 'export * from "bgfn:outside";';

/**
 * Passes a module without code to esbuild in place of each file of the packages. The imports that
 * lead into such a package still appear in the metafile, with the files that they lead to.
 */
export function outsidePlugin(outside: OutsidePackages): Plugin {
  const { directories, names } = outside;
  return {
    name: 'bgfn-outside',
    setup(pluginBuild) {
      if (directories.size === 0 && names.length === 0) return;
      pluginBuild.onResolve({ filter: /^bgfn:outside$/ }, ({ path: specifier }) => ({
        path: specifier,
        external: true,
      }));
      const parts = [...directories, ...names.map(inNodeModules)].map((part) => part + path.sep);
      const filter = new RegExp(parts.map(escapedForFilter).join('|'));
      pluginBuild.onLoad({ filter, namespace: 'file' }, ({ path: file }) =>
        liesOutside(file, outside) ? { contents: anyExports, loader: 'js' } : null,
      );
    },
  };
}

function inNodeModules(name: string): string {
  return path.sep + path.join('node_modules', name);
}
