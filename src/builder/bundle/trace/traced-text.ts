import { parseSync } from 'oxc-parser';
import type { FileScans } from '../syntax/file-scans.ts';
import { isSuspicious } from '../syntax/suspicious-text.ts';
import type { SourceRange } from '../syntax/top-level.ts';
import { plainImports, plainImportsOf } from './plain-imports.ts';
import { relevantStatements } from './relevant-statements.ts';

/** The tracer reads a text below this size as fast as it could be shortened. */
const smallBytes = 1024;

/**
 * The text of a module for the tracer: as short as can be, and one in which it finds the same
 * files. The tracer makes a syntax tree of everything it reads, and walks it slowly.
 */
export function tracedText(file: string, bytes: Buffer, scans: FileScans): string {
  const plain = plainImports(bytes);
  if (plain !== undefined) return plain;
  const source = bytes.toString();
  if (bytes.length < smallBytes) return source;
  const outline = scans.outlineOf(file, source);
  const comments = outline?.comments ?? commentsIn(file, source);
  if (comments === undefined) return source;
  const code = withoutComments(source, comments);
  if (!isSuspicious(code)) return plainImportsOf(code) ?? code;
  return outline === undefined ? code : relevantStatements(code, outline.statements);
}

/** Undefined for a text that does not parse. */
function commentsIn(file: string, source: string): readonly SourceRange[] | undefined {
  const { comments, errors } = parseSync(file, source, { sourceType: 'unambiguous' });
  return errors.length > 0 ? undefined : comments;
}

/**
 * Takes comments out, because examples in them import too. Each of their characters becomes a
 * space, so that everything else keeps its place.
 */
function withoutComments(source: string, comments: readonly SourceRange[]): string {
  const pieces: string[] = [];
  let end = 0;
  for (const comment of comments) {
    pieces.push(
      source.slice(end, comment.start),
      source.slice(comment.start, comment.end).replaceAll(/[^\n]/g, ' '),
    );
    end = comment.end;
  }
  return pieces.join('') + source.slice(end);
}
