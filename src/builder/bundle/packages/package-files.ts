import { readdirSync } from 'node:fs';
import path from 'node:path';

/** What no function opens at run time. Names of directories at any depth of a package, and of files. */
const skippedDirectories = new Set([
  'node_modules',
  'test',
  'tests',
  '__tests__',
  '__mocks__',
  'docs',
  'example',
  'examples',
  'benchmark',
  'benchmarks',
  'coverage',
  'obj.target',
  '.deps',
  '.git',
  '.github',
]);
const skippedFiles =
  /(?:\.(?:map|md|markdown|d\.[cm]?ts|flow|tsbuildinfo|c|cc|cpp|h|hpp|o|a|obj|gyp|gypi|mk|lib|pdb|stamp)|^(?:Makefile|CHANGELOG.*|\.(?:npmignore|gitignore|editorconfig|eslintrc.*|prettierrc.*|travis\.yml)|tsconfig\.json))$/i;
const code = /\.[cm]?[jt]sx?$/;

/**
 * The files of one package directory, absolute and sorted: all of them but documentation, tests,
 * type declarations, source maps and what a compiler left; with `data`, only those that are not
 * JavaScript.
 */
export function packageFiles(directory: string, which: 'all' | 'data'): readonly string[] {
  const files: string[] = [];
  const visit = (at: string): void => {
    for (const item of readdirSync(at, { withFileTypes: true })) {
      const file = path.join(at, item.name);
      if (item.isDirectory()) {
        if (!skippedDirectories.has(item.name)) visit(file);
      } else if (
        item.isFile() &&
        !skippedFiles.test(item.name) &&
        (which === 'all' || !code.test(item.name))
      ) {
        files.push(file);
      }
    }
  };
  visit(directory);
  return files.toSorted();
}

export function isCode(file: string): boolean {
  return code.test(file);
}
