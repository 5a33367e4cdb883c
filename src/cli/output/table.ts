import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';

/**
 * Renders a plain table: a dim heading, and columns as wide as their widest cell, colour codes not
 * counted. Ends with a line break.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const renderRow = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return `${[pc.dim(renderRow(headings)), ...rows.map(renderRow)].join('\n')}\n`;
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
