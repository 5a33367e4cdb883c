import { parseSync } from 'oxc-parser';
import type { FileScans } from '../syntax/file-scans.ts';
import { isSuspicious } from '../syntax/suspicious-text.ts';
import type { SourceRange } from '../syntax/top-level.ts';
import { plainImports, plainImportsOf } from './plain-imports.ts';
import { relevantStatements } from './relevant-statements.ts';

/** Smaller texts are not shortened, because the tracer reads them as fast as that would take. */
const smallBytes = 1024;

/**
 * Returns a text of a module that is as short as possible and in which the tracer finds the same
 * files. The tracer makes a syntax tree of everything it reads, and walks the tree slowly.
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
 * Blanks comments, because examples in comments contain imports. Each character of a comment
 * becomes a space, so that the positions in the text stay valid.
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
