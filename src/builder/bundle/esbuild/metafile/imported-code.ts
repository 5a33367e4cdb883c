import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';

const literalImport = /(?<![\w$.])(?:from|import|import\s*\(|require\s*\()\s*["']([^"'\n]+)["']/g;

/**
 * Lists what a function's main file imports by literal names: packages, and files without their
 * extensions. Two functions with a common element have code in common. The text is searched without
 * a syntax tree, because an element too many does no harm.
 */
export function importedCode(mainFile: string): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(mainFile, 'latin1');
  } catch {
    // esbuild reports a file that cannot be read.
    return new Set();
  }
  const imported = new Set<string>();
  for (const [, specifier = ''] of text.matchAll(literalImport)) {
    if (isBuiltin(specifier)) continue;
    imported.add(
      specifier.startsWith('.')
        ? path.resolve(path.dirname(mainFile), specifier).replace(/\.[cm]?[jt]sx?$/, '')
        : specifier,
    );
  }
  return imported;
}
