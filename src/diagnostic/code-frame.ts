import type { SourceLocation } from './diagnostic.ts';

const linesAround = 2;
/** Longer lines, as in minified code, are cut to this many characters around the column. */
const widestLine = 120;

/**
 * The lines around a location with the place underlined, as plain text without a trailing newline.
 *
 *       3 | export const config = {
 *     > 4 |   timeout: '9',
 *         |            ^^^
 *       5 | };
 *
 * @param source The whole text of `location.file`
 * @returns An empty string for a location outside of the text
 */
export function renderCodeFrame(source: string, location: SourceLocation): string {
  const lines = source.split(/\r\n|\r|\n/);
  // A newline at the end of the file does not start another line.
  if (lines.length > Math.max(1, location.line) && lines.at(-1) === '') lines.pop();
  if (location.line < 1 || location.line > lines.length) return '';
  const first = Math.max(1, location.line - linesAround);
  const last = Math.min(lines.length, location.line + linesAround);
  const gutter = String(last).length;
  const shift = Math.max(0, location.column - Math.floor(widestLine / 2));
  const cutFrom = (lines[location.line - 1] ?? '').length > widestLine ? shift : 0;

  const frame: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const text = (lines[number - 1] ?? '').slice(cutFrom, cutFrom + widestLine);
    const marked = number === location.line;
    frame.push(
      `${marked ? '>' : ' '} ${String(number).padStart(gutter)} | ${showTabs(text)}`.trimEnd(),
    );
    if (marked) {
      const beforeCaret = showTabs(text.slice(0, location.column - 1 - cutFrom));
      const underlined = showTabs(
        text.slice(
          location.column - 1 - cutFrom,
          location.column - 1 - cutFrom + (location.length ?? 1),
        ),
      );
      frame.push(
        `  ${' '.repeat(gutter)} | ${' '.repeat(beforeCaret.length)}${'^'.repeat(Math.max(1, underlined.length))}`,
      );
    }
  }
  return frame.join('\n');
}

/** Control characters are shown as dots, because a terminal would obey them. */
function showTabs(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll('\t', '  ').replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '·');
}
