import path from 'node:path';
import { hole, type PathText } from '../../paths/path-value.ts';
import type { SourceRange } from '../../syntax/top-level.ts';

/** A call of `require` or `import` with a path that is known in part. */
export interface LoadPattern {
  readonly call: SourceRange;
  readonly argument: SourceRange;
  /** The second argument of `import()`. */
  readonly options: SourceRange | undefined;
  readonly how: 'import' | 'require';
  /** Whether the call stands in a `try` block, so that it may find nothing. */
  readonly isGuarded: boolean;
}

/**
 * Returns the literal pieces of a path that a file loads, relative to the file: a computed piece
 * stands between each two of them. Undefined for a path that does not start from a known place.
 */
export function literalsOf(
  { text, located }: PathText,
  file: string,
): readonly string[] | undefined {
  if (!located && !/^\.{1,2}\//.test(text)) return undefined;
  const relative = located ? relativePath(path.dirname(file), text) : text;
  return relative.split(/\0+/);
}

function relativePath(directory: string, file: string): string {
  const relative = path.posix.relative(directory, file);
  const slash = file.endsWith('/') ? '/' : '';
  return (relative.startsWith('../') ? relative : `./${relative}`) + slash;
}

/** Whether a path has a part that is known only at run time. */
export function hasHole({ text }: PathText): boolean {
  return text.includes(hole);
}
