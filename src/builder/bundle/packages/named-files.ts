import { readFileSync } from 'node:fs';
import path from 'node:path';
import { leftOutFiles, skippedDirectories, skippedEndings, skippedNames } from './package-files.ts';

/** The paths in a module's string literals that may lead to files left out of a package. */
interface NamedPaths {
  /** Names and relative paths of files, without `./` and `../` at their start. */
  readonly files: ReadonlySet<string>;
  /** Relative paths of directories that are joined to a path. */
  readonly directories: ReadonlySet<string>;
}

/** Matches the end of a string literal that is the name of a file that is left out. */
const literalEnd = new RegExp(
  String.raw`(?:${skippedEndings.source.replace('$', '')}|(?:^|[/"'\x60])${skippedNames.source.replace(/^\^|\$$/g, '')})["'\x60]`,
  'gi',
);
/** Matches a path or the arguments of a `join` that lead into a directory that is left out. */
const skippedDirectory = new RegExp(
  String.raw`["'\x60/](${skippedDirectories.map((name) => name.replace('.', String.raw`\.`)).join('|')})((?:(?:/|["'\x60]\s*,\s*["'\x60])[\w@.-]+)*)/?["'\x60]`,
  'g',
);
/** Matches the last argument of a `join` or `resolve`. */
const joined = /\b(?:join|resolve)\([^()]*?["'`]([\w@./-]+)["'`]\s*\)/g;
const separator = /\/|["'`]\s*,\s*["'`]/g;

/**
 * Finds the files that a complete package leaves out (documentation, declarations, tests) and that
 * the package's own code names, as TypeScript names `lib.es5.d.ts`. The texts are searched without
 * syntax trees, and the answers are remembered.
 */
export class NamedFiles {
  readonly #leftOut = new Map<string, readonly string[]>();
  readonly #paths = new Map<string, NamedPaths>();

  /**
   * @param directory The package
   * @param modules The modules of the package that are kept; absolute
   */
  namedIn(directory: string, modules: readonly string[]): readonly string[] {
    const leftOut = remembered(this.#leftOut, directory, leftOutFiles);
    if (leftOut.length === 0) return [];
    const paths = modules.map((module) => remembered(this.#paths, module, namedPathsOf));
    return leftOut.filter((file) => {
      const relative = path.relative(directory, file).replaceAll(path.sep, '/');
      return paths.some((named) => isNamed(relative, named));
    });
  }
}

/** Whether a path, or a part of its end, is named; also whether a directory around it is. */
function isNamed(relative: string, { files, directories }: NamedPaths): boolean {
  const segments = relative.split('/');
  const isInSkipped = segments.some((segment) => skippedDirectories.includes(segment));
  for (let from = 0; from < segments.length; from += 1) {
    // The bare name of a file in a directory of tests or examples names another file.
    if (isInSkipped && !segments.slice(from).some((one) => skippedDirectories.includes(one))) break;
    if (files.has(segments.slice(from).join('/'))) return true;
    for (let to = from + 1; to < segments.length; to += 1) {
      if (directories.has(segments.slice(from, to).join('/'))) return !isDeclaration(relative);
    }
  }
  return false;
}

/** Type declarations and source maps lie in every directory. They have to be named themselves. */
function isDeclaration(file: string): boolean {
  return /\.(?:d\.[cm]?ts|map|flow)$/.test(file);
}

function namedPathsOf(module: string): NamedPaths {
  const text = readFileSync(module, 'latin1');
  const files = new Set<string>();
  const directories = new Set<string>();
  for (const { index, 0: end } of text.matchAll(literalEnd)) {
    const literal = pathBefore(text, index + end.length - 1);
    files.add(literal);
    files.add(path.posix.basename(literal));
  }
  for (const { 1: name = '', 2: rest = '' } of text.matchAll(skippedDirectory)) {
    if (rest !== '') files.add(name + rest.replaceAll(separator, '/'));
  }
  for (const { 1: literal = '' } of text.matchAll(joined)) {
    directories.add(withoutDots(literal).replace(/\/$/, ''));
  }
  return { files, directories };
}

/** Returns the path that ends at a position of a text. */
function pathBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && /[\w@./-]/.test(text[start - 1] ?? '')) start -= 1;
  return withoutDots(text.slice(start, end));
}

function withoutDots(literal: string): string {
  return literal.replace(/^(?:\.{0,2}\/)+/, '');
}

function remembered<Answer>(
  known: Map<string, Answer>,
  key: string,
  ask: (key: string) => Answer,
): Answer {
  let answer = known.get(key);
  if (answer === undefined) {
    answer = ask(key);
    known.set(key, answer);
  }
  return answer;
}
