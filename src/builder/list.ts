import path from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { loadProjectConfig } from './config/project-config.ts';
import { discover } from './discover/discover.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import { configOptions } from './pipeline.ts';
import type { BuildOptions } from './settings.ts';

export type ListOptions = Pick<
  BuildOptions,
  'projectDirectory' | 'functionsDirectories' | 'configFile'
>;

export interface ListResult {
  /** Sorted by name. */
  readonly functions: readonly FunctionSpec[];
  /** What is wrong with the others, and warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds and classifies the functions without building them: what `bgfn list` shows. */
export async function list(options: ListOptions = {}): Promise<ListResult> {
  const config = await loadProjectConfig(
    configOptions({
      projectDirectory: path.resolve(options.projectDirectory ?? process.cwd()),
      functionsDirectories: options.functionsDirectories ?? [],
      configFile: options.configFile,
    }),
  );
  const { specs, diagnostics } = await discover(config);
  return {
    functions: specs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    diagnostics: [...config.warnings, ...diagnostics],
  };
}
