import pc from 'picocolors';
import { groupByPackage, type AnalyzedFunction } from '../../builder/analyze/analyze.ts';
import { formatBytes } from './format-bytes.ts';
import { renderTable } from './table.ts';

/** Most rows of a function's table; the page shows all parts. */
const shownParts = 8;

/** Tables of the parts of each artifact with the reason for each, largest part first. */
export function renderAnalysis(functions: readonly AnalyzedFunction[]): string {
  return functions.map((entry) => renderFunction(entry)).join('\n');
}

function renderFunction({ name, zipBytes, parts }: AnalyzedFunction): string {
  const groups = groupByPackage(parts);
  const rows = groups
    .slice(0, shownParts)
    .map(({ path, bytes, zippedBytes, reason }) => [
      path,
      formatBytes(bytes),
      formatBytes(zippedBytes),
      pc.dim(reason),
    ]);
  const rest = groups.slice(shownParts);
  if (rest.length > 0) {
    rows.push([
      pc.dim(`${rest.length} more`),
      formatBytes(sum(rest, 'bytes')),
      formatBytes(sum(rest, 'zippedBytes')),
      '',
    ]);
  }
  return `${pc.bold(name)} ${formatBytes(zipBytes)}\n${renderTable(['part', 'size', 'in the zip', 'why'], rows)}`;
}

function sum(
  parts: readonly { readonly bytes: number; readonly zippedBytes: number }[],
  key: 'bytes' | 'zippedBytes',
): number {
  return parts.reduce((total, part) => total + part[key], 0);
}
