import path from 'node:path';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { unresolvedSpecifier } from './esbuild-messages.ts';
import { runEsbuild, type FailedPass, type FinishedPass, type PassPlan } from './esbuild-pass.ts';
import { importKey } from './external-imports.ts';

/** Ends the repetition if every pass finds further imports of missing packages. */
const maxPasses = 8;

/** The pass that bundles everything into one file. */
export interface FirstPass {
  readonly pass: FinishedPass | FailedPass;
  /** Imports of packages that are not installed, left as written: `importKey` → specifier. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * Bundles everything. An installed package may import optional packages that are not installed
 * (drivers, accelerators, peers). Such an import stays as written, and fails at run time only if
 * its line is reached, as it does without a bundle. In first-party code such an import is an
 * error.
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
