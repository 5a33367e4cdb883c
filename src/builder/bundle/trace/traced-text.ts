import { parseSync } from 'oxc-parser';
import { isSuspicious, scannedOutline } from '../syntax/scan-source.ts';
import type { Span } from '../syntax/top-level.ts';
import { plainImports, plainImportsOf } from './plain-imports.ts';
import { relevantStatements } from './relevant-statements.ts';

/** A tracer reads less than this as fast as anybody. */
const smallBytes = 1024;

/**
 * What the tracer gets to read of a module: a text, as short as can be, in which it finds the same
 * files. It makes a syntax tree of everything it reads, and walks it slowly.
 */
export function tracedText(file: string, bytes: Buffer): string {
  const plain = plainImports(bytes);
  if (plain !== undefined) return plain;
  const source = bytes.toString();
  if (bytes.length < smallBytes) return source;
  const outline = scannedOutline(file, source);
  const comments = outline?.comments ?? commentsIn(file, source);
  if (comments === undefined) return source;
  const code = withoutComments(source, comments);
  if (!isSuspicious(code)) return plainImportsOf(code) ?? code;
  return outline === undefined ? code : relevantStatements(code, outline.statements);
}

/** Undefined for what does not parse. */
function commentsIn(file: string, source: string): readonly Span[] | undefined {
  const { comments, errors } = parseSync(file, source, { sourceType: 'unambiguous' });
  return errors.length > 0 ? undefined : comments;
}

/**
 * Examples in comments import too. Each character becomes a space, so that everything keeps its
 * place.
 */
function withoutComments(source: string, comments: readonly Span[]): string {
  const parts: string[] = [];
  let end = 0;
  for (const comment of comments) {
    parts.push(
      source.slice(end, comment.start),
      source.slice(comment.start, comment.end).replaceAll(/[^\n]/g, ' '),
    );
    end = comment.end;
  }
  return parts.join('') + source.slice(end);
}
