import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { repository } from './project.ts';

/** A Markdown table with aligned columns. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [
    line(head),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map((row) => line(row)),
  ].join('\n');
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}

/** Total bytes of all zips in a directory. */
export function zipBytes(directory: string, only: (name: string) => boolean = () => true): number {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.zip') && only(file.slice(0, -'.zip'.length)))
    .reduce((sum, file) => sum + statSync(path.join(directory, file)).size, 0);
}

/** The machine of the measurement, without which the figures mean nothing. */
export function machineLine(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: repository,
    encoding: 'utf8',
  }).trim();
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}, bgfn ${commit}`;
}

/** The load of the machine. Above the number of CPUs, programs wait for each other. */
export function loadLine(): string {
  return `load average ${(loadavg()[0] ?? 0).toFixed(1)}`;
}
