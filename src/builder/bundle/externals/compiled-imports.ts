import { readFileSync } from 'node:fs';
import type { ReachedCode, ReachedImport } from '../esbuild/metafile/reached-code.ts';
import { importKey } from '../esbuild/plugins/external-imports.ts';
import type { InPlaceLoad } from '../esbuild/plugins/in-place-plugin.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import type { ExternalsPlan } from './place-externals.ts';

/**
 * Finds the import statements of CommonJS modules outside the bundle that mean something else in
 * Node than in a bundle. Node sees only those names that its search of the text finds, and for Node
 * `default` is always the whole export. Compiled code, which most functions are, gets every name,
 * and the property `default` of a module that was compiled from an ES module.
 */
export function importsOfCompiledCode(
  { imports }: ReachedCode,
  externals: ExternalsPlan | undefined,
  packages: PackageIndex,
): ReadonlyMap<string, InPlaceLoad> {
  const found = new Map<string, InPlaceLoad>();
  for (const one of imports) {
    const key = importKey(one.importer, one.specifier);
    if (one.kind !== 'import' || externals?.renames.has(key) !== true) continue;
    if (isEsModule(one.resolved, packages) || !/\.c?js$/.test(one.resolved)) continue;
    if (differsInNode(one, packages)) found.set(key, 'compiled');
  }
  return found;
}

function differsInNode(
  { importer, specifier, resolved }: ReachedImport,
  packages: PackageIndex,
): boolean {
  const names = importedNames(readFileSync(importer, 'utf8'), specifier);
  if (names.length === 0) return false;
  const text = readFileSync(resolved, 'utf8');
  if (!/\bexports\b/.test(text)) return false;
  return names.some((name) =>
    name === 'default'
      ? text.includes('__esModule') && !isEsModule(importer, packages)
      : !isVisible(name, text),
  );
}

/** Whether Node takes a file for an ES module. */
function isEsModule(file: string, packages: PackageIndex): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  return !/\.c[jt]s$/.test(file) && packages.ownerOf(file)?.json.type === 'module';
}

/** Returns the names that a module imports or exports again from another one. */
function importedNames(source: string, specifier: string): readonly string[] {
  const statement =
    /(?<![\w$.])(?:import|export)\s+(?!type\b)(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+[\w$]+\s*|\{([^}]*)\}\s*)?from\s*(["'])([^"'\n]+)\3/g;
  const names = new Set<string>();
  for (const [, whole, list = '', , from] of source.matchAll(statement)) {
    if (from !== specifier) continue;
    if (whole !== undefined) names.add('default');
    for (const item of list.split(',')) {
      const [, name] = /^\s*(?!type\s)([\w$]+)/.exec(item) ?? [];
      if (name !== undefined) names.add(name);
    }
  }
  return [...names];
}

const passesExportsOn =
  /__exportStar\(|__export\(|\bmodule\.exports\s*=\s*require\(|\.\.\.\s*require\(/;

/**
 * Whether Node's search finds a name in a CommonJS module: it is assigned or defined by itself,
 * listed in an object of names, or may come from a module whose exports are passed on.
 */
function isVisible(name: string, text: string): boolean {
  if (passesExportsOn.test(text)) return true;
  const quoted = name.replaceAll('$', String.raw`\$`);
  const assigned = new RegExp(
    String.raw`\bexports\.${quoted}\s*=|\bexports\[["']${quoted}["']\]\s*=|` +
      String.raw`defineProperty\((?:module\.)?exports,\s*["']${quoted}["'],\s*\{\s*` +
      String.raw`(?:value\s*:|enumerable\s*:\s*(?:true|!0)\s*,\s*` +
      String.raw`(?:value\s*:|get\s*(?::\s*function\b[^(]*)?\(\)\s*\{\s*return\b))`,
  );
  if (assigned.test(text)) return true;
  const [, list = ''] = /\bmodule\.exports\s*=\s*\{([\w$\s,:]*)\}/.exec(text) ?? [];
  return list.split(',').some((item) => item.split(':')[0]?.trim() === name);
}
