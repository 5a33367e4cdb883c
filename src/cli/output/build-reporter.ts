import pc from 'picocolors';
import type { BuildEvent } from '../../builder/build-event.ts';
import type { BuildResult, BuiltFunction } from '../../builder/build-result.ts';
import { formatDuration } from '../../diagnostic/format-duration.ts';
import { formatBytes } from './format-bytes.ts';
import { renderDiagnostics } from './render-diagnostics.ts';
import { renderTable } from './table.ts';

/** Where a reporter writes: one line that is overwritten on a terminal, plain lines elsewhere. */
export interface ReporterOutput {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}

/** Shows the progress of a build while it runs. */
export class BuildReporter {
  readonly #output: ReporterOutput;
  #total = 0;
  #done = 0;

  constructor(output: ReporterOutput) {
    this.#output = output;
  }

  readonly onEvent = (event: BuildEvent): void => {
    switch (event.type) {
      case 'scanned':
        this.#total = event.functions.length;
        this.#done = 0;
        break;
      case 'function-started':
        this.#progress(event.name);
        break;
      case 'function-finished':
        this.#done += 1;
        if (!event.cached) this.#line(`built ${event.name} in ${formatDuration(event.durationMs)}`);
        this.#progress(event.name);
        break;
      case 'function-failed':
        this.#done += 1;
        this.#line(`failed ${event.name}`);
        break;
      case 'diagnostic':
      case 'finished':
        this.clear();
        break;
    }
  };

  /** Erases the progress line. */
  clear(): void {
    if (this.#output.isTerminal) this.#output.write('\r\u001B[2K');
  }

  #progress(name: string): void {
    if (this.#output.isTerminal) {
      this.#output.write(`\r\u001B[2K${pc.dim(`building ${this.#done}/${this.#total}`)} ${name}`);
    }
  }

  #line(text: string): void {
    if (!this.#output.isTerminal) this.#output.write(`${text}\n`);
  }
}

/** The report on a finished build: warnings, the table, one closing line. */
export function renderBuildResult(result: BuildResult, relativeOutput: string): string {
  const warnings = renderDiagnostics(result.warnings);
  const table =
    result.functions.length === 0
      ? ''
      : `${renderTable(['function', 'mode', 'runtime', 'bundler', 'size', 'time'], result.functions.map(rowOf))}\n`;
  return `${warnings}${table}${closingLine(result, relativeOutput)}\n`;
}

function rowOf({ spec, record, cached, durationMs }: BuiltFunction): string[] {
  return [
    record.name,
    spec.mode === 'background' ? pc.magenta(spec.mode) : spec.mode,
    record.runtimeVersion ?? record.runtime,
    record.bundler ?? (spec.entry.kind === 'zip' ? 'prebuilt' : '-'),
    formatBytes(record.artifact.size),
    cached ? pc.dim('cached') : formatDuration(durationMs),
  ];
}

function closingLine({ functions, durationMs }: BuildResult, relativeOutput: string): string {
  const bytes = functions.reduce((sum, { record }) => sum + record.artifact.size, 0);
  const cached = functions.filter((entry) => entry.cached).length;
  const count = functions.length === 1 ? '1 function' : `${functions.length} functions`;
  const fromCache = cached === 0 ? '' : ` (${cached} from the cache)`;
  return `${pc.green('✓')} ${count}${fromCache}, ${formatBytes(bytes)}, in ${formatDuration(durationMs)} → ${relativeOutput}`;
}

/** The report on a rebuild in watch mode: warnings, and one line that names what was built again. */
export function renderRebuild(result: BuildResult): string {
  const warnings = renderDiagnostics(result.warnings);
  const built = result.functions.filter(({ cached }) => !cached).map(({ record }) => record.name);
  const what = built.length === 0 ? `${result.functions.length} functions` : built.join(', ');
  return `${warnings}${pc.green('✓')} ${what} in ${formatDuration(result.durationMs)}\n`;
}
