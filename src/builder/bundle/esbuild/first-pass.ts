import path from 'node:path';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { unresolvedSpecifier } from './esbuild-messages.ts';
import { runEsbuild, type FailedPass, type FinishedPass, type PassPlan } from './esbuild-pass.ts';
import { importKey } from './external-imports.ts';

const maxPasses = 8;

/** Everything in one file. */
export interface FirstPass {
  readonly pass: FinishedPass | FailedPass;
  /** Imports of absent packages that were left alone: `importKey` → specifier. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * Bundles everything. An installed package may name optional packages that are not installed
 * (drivers, accelerators, peers): such an import stays as written and fails at run time only if
 * that line is reached, exactly as it does from source. In first-party code it is an error.
 */
export async function bundleEverything(
  spec: FunctionSpec,
  options: BundleOptions,
  { modules, rewritten }: Pick<PassPlan, 'modules' | 'rewritten'>,
): Promise<FirstPass> {
  const missing = new Map<string, string>();
  for (let count = 1; ; count += 1) {
    const plan = { rewritten, modules, keepNames: false, externals: missing };
    const pass = await runEsbuild(spec, options, plan);
    if (pass.ok || count === maxPasses) return { pass, missing };
    const before = missing.size;
    for (const error of pass.errors) {
      const specifier = unresolvedSpecifier(error);
      const importer = path.resolve(options.projectDirectory, error.location?.file ?? '');
      if (specifier !== undefined && installedRoot(importer) !== undefined) {
        missing.set(importKey(importer, specifier), specifier);
      }
    }
    if (missing.size === before) return { pass, missing };
  }
}
