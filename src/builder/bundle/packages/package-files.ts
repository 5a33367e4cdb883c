import { readdirSync } from 'node:fs';
import path from 'node:path';
import fastGlob from 'fast-glob';
import type { Package } from './package.ts';

/** Names of directories, at any depth of a package, from which no function opens files at run time. */
export const skippedDirectories = [
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
];
const notVisited = new Set(['node_modules', ...skippedDirectories]);

/**
 * Endings of files that no function opens at run time: C sources, headers, source maps,
 * documentation.
 */
export const skippedEndings =
  /\.(?:map|md|markdown|d\.[cm]?ts|flow|tsbuildinfo|c|cc|cpp|h|hpp|o|a|obj|gyp|gypi|mk|lib|pdb|stamp)$/i;
export const skippedNames =
  /^(?:Makefile|CHANGELOG.*|\.(?:npmignore|gitignore|editorconfig|eslintrc.*|prettierrc.*|travis\.yml)|tsconfig\.json)$/i;

/**
 * Lists the files of a package directory, absolute and sorted. Documentation, tests, type
 * declarations, source maps and the leftovers of compilers are left out.
 */
export function packageFiles(directory: string): readonly string[] {
  const files: string[] = [];
  const visit = (at: string): void => {
    for (const item of readdirSync(at, { withFileTypes: true })) {
      const file = path.join(at, item.name);
      if (item.isDirectory()) {
        if (!notVisited.has(item.name)) visit(file);
      } else if (item.isFile() && !isSkipped(item.name)) {
        files.push(file);
      }
    }
  };
  visit(directory);
  return files.toSorted();
}

/** Lists the files that `packageFiles` leaves out, absolute; those of other packages not included. */
export function leftOutFiles(directory: string): readonly string[] {
  const files: string[] = [];
  const visit = (at: string, isSkippedDirectory: boolean): void => {
    for (const item of readdirSync(at, { withFileTypes: true })) {
      const file = path.join(at, item.name);
      if (item.isDirectory()) {
        if (item.name !== 'node_modules') {
          visit(file, isSkippedDirectory || notVisited.has(item.name));
        }
      } else if (item.isFile() && (isSkippedDirectory || isSkipped(item.name))) {
        files.push(file);
      }
    }
  };
  visit(directory, false);
  return files;
}

/**
 * Lists the files of a package that its `files` field publishes, absolute and sorted; none when it
 * has no such field. https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files
 */
export function publishedFiles({ directory, json }: Package): readonly string[] {
  const patterns = (json.files ?? []).map((pattern) => pattern.replace(/^\.?\//, ''));
  const below = patterns.flatMap((one) => [one, `${one.replace(/\/$/, '')}/**`]);
  const files = fastGlob.sync(
    below.filter((pattern) => !pattern.startsWith('!')),
    {
      cwd: directory,
      absolute: true,
      // An entry may be the name of a file, below which nothing can be listed.
      suppressErrors: true,
      ignore: [
        '**/node_modules/**',
        ...below.filter((one) => one.startsWith('!')).map((one) => one.slice(1)),
      ],
    },
  );
  return files.map((file) => path.normalize(file)).toSorted();
}

function isSkipped(name: string): boolean {
  return skippedEndings.test(name) || skippedNames.test(name);
}
