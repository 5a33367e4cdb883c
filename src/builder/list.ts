import path from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { loadProjectConfig } from './config/project-config.ts';
import { discover } from './discover/discover.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import type { BuildOptions } from './settings.ts';

export type ListOptions = Pick<
  BuildOptions,
  'projectDirectory' | 'functionsDirectories' | 'configFile'
>;

export interface ListResult {
  /** Sorted by name. */
  readonly functions: readonly FunctionSpec[];
  /** The findings about all functions, including functions that have an error and no spec. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds and classifies the functions without building them, for `bgfn list`.
 *
 * @throws {BgfnError} Kind `config`, when netlify.toml or a functions directory cannot be read
 */
export async function list(options: ListOptions = {}): Promise<ListResult> {
  const config = await loadProjectConfig({
    projectDirectory: path.resolve(options.projectDirectory ?? process.cwd()),
    functionsDirectories: options.functionsDirectories,
    configFile: options.configFile,
  });
  const { specs, diagnostics } = await discover(config);
  return { functions: specs, diagnostics: [...config.warnings, ...diagnostics] };
}
