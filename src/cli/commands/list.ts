import path from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import type { FunctionSpec } from '../../builder/discover/function-spec.ts';
import { list } from '../../builder/list.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { configOption, functionsDirectoriesArgument } from '../input/functions-directories.ts';
import { jsonDocument } from '../output/json.ts';
import { renderDiagnostics } from '../output/render-diagnostics.ts';
import { renderTable } from '../output/table.ts';

interface ListFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/**
 * `bgfn list [dir…]`: shows the functions and their modes, without building. Exit code 1 when a
 * function could not be classified.
 */
export function listCommand(): Command {
  return new Command('list')
    .description('show the functions and their modes, without building')
    .addArgument(functionsDirectoriesArgument())
    .addOption(configOption())
    .option('--json', 'print one JSON document')
    .action(async (directories: string[], flags: ListFlags) => {
      const { functions, diagnostics } = await list({
        functionsDirectories: directories,
        configFile: flags.config,
      });
      process.stdout.write(
        flags.json === true
          ? jsonDocument(listDocument(functions, diagnostics))
          : renderFunctions(functions),
      );
      if (diagnostics.length > 0) {
        process.stderr.write(`\n${renderDiagnostics(diagnostics).trimEnd()}\n`);
      }
      if (diagnostics.some(({ severity }) => severity === 'error')) process.exitCode = 1;
    });
}

function renderFunctions(functions: readonly FunctionSpec[]): string {
  const rows = functions.map((spec) => [
    spec.name,
    spec.mode === 'background' ? pc.magenta(spec.mode) : spec.mode,
    `${spec.timeoutSeconds} s`,
    spec.routes.map(({ pattern }) => pattern).join(' ') || `/.netlify/functions/${spec.name}`,
    triggersOf(spec),
    path.relative(process.cwd(), spec.entry.mainFile),
  ]);
  return renderTable(['function', 'mode', 'timeout', 'path', 'triggered by', 'file'], rows);
}

function triggersOf({ schedule, eventSubscriptions }: FunctionSpec): string {
  const triggers = schedule === undefined ? [] : [`schedule ${schedule}`];
  return [...triggers, ...eventSubscriptions].join(', ') || 'request';
}

function listDocument(
  functions: readonly FunctionSpec[],
  diagnostics: readonly Diagnostic[],
): object {
  return {
    functions: functions.map(({ entry, bundling: _bundling, ...settings }) => ({
      ...settings,
      kind: entry.kind,
      mainFile: path.relative(process.cwd(), entry.mainFile),
    })),
    errors: diagnostics.filter(({ severity }) => severity === 'error'),
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
  };
}
