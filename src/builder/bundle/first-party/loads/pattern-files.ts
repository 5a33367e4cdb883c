import { readdirSync } from 'node:fs';
import path from 'node:path';

/** A file that a pattern can mean. Paths are relative to the file with the pattern. */
export interface PatternFile {
  readonly path: string;
  /**
   * The texts, without a leading `./`, by which code can name the file: its own name, the one of
   * its output, the one without an extension, and for an `index` that of its directory.
   */
  readonly names: readonly [own: string, output: string, stem: string, directory: string];
}

/** What a pattern can mean in a project. */
export type PatternMatch =
  | {
      readonly kind: 'files';
      readonly files: readonly PatternFile[];
      /** The directories that were read; absolute. */
      readonly directories: readonly string[];
    }
  /** The pattern begins at the project's root or above it, so it can mean any file. */
  | { readonly kind: 'boundless' };

/** A directory with more entries is not one that code names its modules in. */
const maxEntries = 10_000;

/**
 * Finds the files that a `require` or an `import()` can load by a pattern: modules, JSON and
 * addons. Tests and type declarations are left out, unless the pattern names them, and so are the
 * directories of packages and hidden directories.
 *
 * @param literals The literal pieces of the path; a computed piece stands between each two of them
 * @param file The file with the pattern; absolute
 */
export function filesOfPattern(
  literals: readonly string[],
  file: string,
  projectDirectory: string,
): PatternMatch {
  const home = path.dirname(file);
  const [first = ''] = literals;
  const base = path.resolve(home, first.slice(0, first.lastIndexOf('/') + 1));
  if (`${projectDirectory}${path.sep}`.startsWith(base + path.sep)) return { kind: 'boundless' };
  const expression = expressionOf(literals);
  const includesTests = testName.test(literals.at(-1) ?? '');
  const directories: string[] = [];
  const files = listFiles(base, directories)
    .filter((one) => one !== file && isLoadable(one, includesTests))
    .map((one) => namedFile(path.relative(home, one).replaceAll(path.sep, '/')))
    .filter(({ names }) => names.some((name) => expression.test(name)));
  return { kind: 'files', files, directories };
}

/**
 * Matches the names that a pattern can produce. A computed piece after a slash can have further
 * slashes in it; any other computed piece is a part of one name.
 */
function expressionOf(literals: readonly string[]): RegExp {
  const parts = literals.map((literal, index) => {
    const text = index === 0 ? path.posix.normalize(literal).replace(/^\.\//, '') : literal;
    const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    if (index === literals.length - 1) return escaped;
    return escaped + (literal.endsWith('/') ? '.*' : '[^/]*');
  });
  return new RegExp(`^${parts.join('')}$`);
}

function listFiles(base: string, directories: string[]): readonly string[] {
  const files: string[] = [];
  let entries = 0;
  const visit = (directory: string): void => {
    directories.push(directory);
    for (const item of readdirSync(directory, { withFileTypes: true })) {
      entries += 1;
      if (entries > maxEntries) return;
      const found = path.join(directory, item.name);
      if (item.isDirectory()) {
        if (item.name !== 'node_modules' && !item.name.startsWith('.')) visit(found);
      } else if (item.isFile()) {
        files.push(found);
      }
    }
  };
  try {
    visit(base);
  } catch {
    // A directory that is missing or cannot be read has no files to load.
  }
  return files.toSorted();
}

const testName = /\.(?:test|spec|stories)\b/;

function isLoadable(file: string, includesTests: boolean): boolean {
  const name = path.basename(file);
  if (/\.d\.[cm]?ts$/.test(name)) return false;
  if (!includesTests && (testName.test(name) || /[\\/]__(?:tests|mocks)__[\\/]/.test(file))) {
    return false;
  }
  return /\.(?:[cm]?[jt]sx?|json|node)$/.test(name);
}

/** The extensions by which the output of a TypeScript file is imported. */
const outputExtensions: Readonly<Record<string, string>> = {
  '.ts': '.js',
  '.tsx': '.js',
  '.mts': '.mjs',
  '.cts': '.cjs',
};

function namedFile(relative: string): PatternFile {
  const { dir, name, ext } = path.posix.parse(relative);
  const stem = path.posix.join(dir, name);
  const output = outputExtensions[ext];
  return {
    path: relative.startsWith('.') ? relative : `./${relative}`,
    names: [relative, stem + (output ?? ext), stem, name === 'index' ? dir : stem],
  };
}
