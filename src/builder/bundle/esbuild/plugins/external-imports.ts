import type { ImportKind, OnResolveResult, Plugin } from 'esbuild';
import { exactlyAnyOf } from './filter.ts';
import { absentModule, inPlaceImport, type InPlaceLoad } from './in-place-plugin.ts';

/** Returns the key of one import in one file. */
export function importKey(importer: string, specifier: string): string {
  return `${importer}\0${specifier}`;
}

/** Returns the importing file of a key. */
export function importerIn(key: string): string {
  return key.slice(0, key.indexOf('\0'));
}

function specifierOf(key: string): string {
  return key.slice(key.indexOf('\0') + 1);
}

/** Returns the key of the `import()` of a specifier in one file, among the imports in place. */
export function laterImportKey(importer: string, specifier: string): string {
  return `${importKey(importer, specifier)}\0later`;
}

/** The imports of a pass that lead out of the bundle. */
export interface ExternalImports {
  /** `importKey` → the specifier to import at run time. */
  readonly externals: ReadonlyMap<string, string>;
  /**
   * Those of them that a module of the bundle carries out: `importKey` of an import statement that
   * is evaluated at its own place, and not ahead of the bundle, and `laterImportKey` of an
   * `import()` → how the imported module is loaded.
   */
  readonly inPlace: ReadonlyMap<string, InPlaceLoad>;
}

/**
 * Leaves exactly these imports external. In CommonJS output an import statement is a `require` at
 * its place, so no provided module is needed.
 *
 * The filter keeps esbuild from calling the plugin for every import.
 */
export function externalsPlugin(
  { externals, inPlace }: ExternalImports,
  format: 'esm' | 'cjs',
): Plugin {
  const specifiers = [...new Set([...externals.keys()].map(specifierOf))];
  const resultFor = (specifier: string, key: string, kind: ImportKind): OnResolveResult => {
    // In the artifact, a relative specifier would mean a file beside the bundle.
    if (specifier.startsWith('.')) return absentModule(specifier, formOf(kind));
    const load = format === 'esm' ? inPlace.get(key) : undefined;
    return load === undefined
      ? { path: specifier, external: true }
      : inPlaceImport(specifier, load);
  };
  return {
    name: 'bgfn-externals',
    setup(pluginBuild) {
      if (specifiers.length === 0) return;
      pluginBuild.onResolve(
        { filter: exactlyAnyOf(specifiers) },
        ({ path: specifier, importer, kind }) => {
          const renamed = externals.get(importKey(importer, specifier));
          return renamed === undefined
            ? null
            : resultFor(renamed, keyOf(kind, importer, specifier), kind);
        },
      );
    },
  };
}

function formOf(kind: ImportKind): 'import' | 'require' {
  return kind.startsWith('require') ? 'require' : 'import';
}

/** Returns the key of an import among those in place; a `require` is always at its place. */
function keyOf(kind: ImportKind, importer: string, specifier: string): string {
  if (kind === 'import-statement') return importKey(importer, specifier);
  return kind === 'dynamic-import' ? laterImportKey(importer, specifier) : '';
}
