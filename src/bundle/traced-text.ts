import { parseSync } from 'oxc-parser';
import { plainImports, plainImportsOf } from './plain-imports.ts';
import { relevantStatements } from './relevant-statements.ts';
import { isSuspicious } from './scan-file.ts';

/** A tracer reads less than this as fast as anybody. */
const smallBytes = 1024;

/** What the tracer gets to read of a module: a text, as short as can be, in which it finds the same files. It takes a syntax tree of everything it reads, and walks it slowly. */
export function tracedText(file: string, bytes: Buffer): string {
  const plain = plainImports(bytes);
  if (plain !== undefined) return plain;
  const source = bytes.toString();
  if (bytes.length < smallBytes) return source;
  const code = withoutComments(file, source);
  if (code === undefined) return source;
  return (isSuspicious(code) ? relevantStatements(file, code) : plainImportsOf(code)) ?? code;
}

/** Examples in comments import too. Each character becomes a space, so that everything keeps its place. Undefined for what does not parse. */
function withoutComments(file: string, source: string): string | undefined {
  const { comments, errors } = parseSync(file, source, { sourceType: 'unambiguous' });
  if (errors.length > 0) return undefined;
  const parts: string[] = [];
  let end = 0;
  for (const comment of comments) {
    parts.push(source.slice(end, comment.start), source.slice(comment.start, comment.end).replaceAll(/[^\n]/g, ' '));
    end = comment.end;
  }
  return parts.join('') + source.slice(end);
}
