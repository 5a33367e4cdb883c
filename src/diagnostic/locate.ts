import type { SourceLocation } from './diagnostic.ts';

/**
 * The location of a range of characters in a file.
 *
 * @param start Offset in UTF-16 units, as `String` indexes count
 * @param end Offset after the last character; the underline stops at the end of the first line
 */
export function locate(
  file: string,
  source: string,
  start: number,
  end: number = start + 1,
): SourceLocation {
  const before = source.slice(0, start);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let index = before.indexOf('\n'); index !== -1; index = before.indexOf('\n', index + 1)) {
    line += 1;
  }
  const lineEnd = source.indexOf('\n', start);
  const lastOfLine = lineEnd === -1 ? source.length : lineEnd;
  return {
    file,
    line,
    column: start - lineStart + 1,
    length: Math.max(1, Math.min(end, lastOfLine) - start),
  };
}
