import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { readPackageJson } from '../packages/package.ts';

/** Whether a file of a package is a module that can be loaded from another place instead. */
export function isForwardable(file: string): boolean {
  return /\.[cm]?js$/.test(file);
}

/**
 * Returns the text of a module that is the same module as another one.
 *
 * @param file Absolute path of the package's file, which decides the format
 * @param specifier Relative path of the other module from this one
 */
export function forwardingModule(file: string, specifier: string): string {
  const target = JSON.stringify(specifier);
  const { hasModuleSyntax, staticExports } = parseSync(file, readFileSync(file, 'utf8'), {
    sourceType: 'unambiguous',
  }).module;
  if (!isEsModule(file, hasModuleSyntax)) {
    // Without the cache every `require` asks for the target's exports anew: in a circle of modules
    // the first answer is not complete.
    return `delete require.cache[__filename];\nmodule.exports = require(${target});\n`;
  }
  const hasDefault = staticExports.some(({ entries }) =>
    entries.some(({ exportName: { kind, name } }) => isDefault(kind, name)),
  );
  return [
    `export * from ${target};\n`,
    ...(hasDefault ? [`export { default } from ${target};\n`] : []),
  ].join('');
}

/** https://nodejs.org/docs/latest-v24.x/api/packages.html#determining-module-system */
function isEsModule(file: string, hasModuleSyntax: boolean): boolean {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const json = readPackageJson(path.join(at, 'package.json'));
    if (json?.type !== undefined) return json.type === 'module';
    if (json !== undefined || path.dirname(at) === at) return hasModuleSyntax;
  }
}

function isDefault(kind: string, name: string | null | undefined): boolean {
  return kind === 'Default' || name === 'default';
}
