import { statSync } from 'node:fs';
import path from 'node:path';
import { createPathsMatcher, getTsconfig } from 'get-tsconfig';
import { importedPath } from './package-imports.ts';

/**
 * The endings that are tried for `./x`, in this order. For `./x.js` the TypeScript file that
 * becomes `x.js` is tried as well: see `candidatesOf`.
 */
const tryExtensions = [
  '',
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.js',
  '.mjs',
  '.cjs',
  '.json',
  '/index.ts',
  '/index.mts',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
];

/**
 * Returns the local file that a specifier in a file names, by a relative path, by the `imports` of
 * the nearest package.json or by the `paths` of the nearest tsconfig.json. Undefined when the
 * specifier names a package or no file.
 */
export function localFileOf(from: string, specifier: string): string | undefined {
  const bases = /^\.\.?(?:\/|$)/.test(specifier)
    ? [path.resolve(path.dirname(from), specifier)]
    : specifier.startsWith('#')
      ? [importedPath(from, specifier), ...mappedPaths(from, specifier)].filter(
          (base) => base !== undefined,
        )
      : mappedPaths(from, specifier);
  return bases
    .flatMap((base) => candidatesOf(base))
    .find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
}

/**
 * The paths that a bare specifier stands for by the `paths` and `baseUrl` of a file's
 * tsconfig.json, in the order they are tried.
 */
function mappedPaths(file: string, specifier: string): readonly string[] {
  try {
    const tsconfig = getTsconfig(file);
    return (tsconfig === null ? null : createPathsMatcher(tsconfig))?.(specifier) ?? [];
  } catch {
    // The bundler reports an unreadable tsconfig.json.
    return [];
  }
}

/** The files that the path of an import can stand for, in the order they are tried. */
function candidatesOf(base: string): string[] {
  const compiled = /\.[cm]?js$/.test(base)
    ? [base, base.replace(/js$/, 'ts'), base.replace(/js$/, 'tsx')]
    : [];
  return [...compiled, ...tryExtensions.map((extension) => base + extension)];
}
