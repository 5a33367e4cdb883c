import type { Message } from 'esbuild';
import type { FunctionSpec } from '../../../discover/function-spec.ts';
import type { BundleOptions } from '../../contract/bundle-options.ts';
import type { OutsidePackages } from '../plugins/outside-plugin.ts';
import { externalImports, missingImports, type MissingImport } from './missing-imports.ts';
import type { FailedPass, FinishedPass, PassPlan } from './pass-plan.ts';
import { refusedPackages, type RefusedPackages } from './refused-packages.ts';
import { runEsbuild } from './run-esbuild.ts';

/** Ends the repetition if every pass finds further imports of missing packages. */
const maxPasses = 8;

/** The pass that bundles everything into one file. */
export interface FirstPass {
  readonly pass: FinishedPass | FailedPass;
  /** Imports of packages that are not installed, by `importKey`. */
  readonly missing: ReadonlyMap<string, MissingImport>;
  /** The packages of which the pass read no file. */
  readonly outside: OutsidePackages;
  /** Those of these packages that esbuild cannot bundle. */
  readonly refused: RefusedPackages;
}

/**
 * Bundles everything but the packages that the author lists as external. An installed package may
 * import optional packages that are not installed (drivers, accelerators, peers). Such an import
 * fails at run time, only if it is reached and at its own place, as it does without a bundle. In
 * first-party code such an import is an error. A package that esbuild cannot bundle stays outside,
 * and the pass is repeated without it.
 */
export async function bundleEverything(
  spec: FunctionSpec,
  options: BundleOptions,
  { modules, rewritten }: Pick<PassPlan, 'modules' | 'rewritten'>,
): Promise<FirstPass> {
  const missing = new Map<string, MissingImport>();
  const refused = new Map<string, readonly Message[]>();
  for (let count = 1; ; count += 1) {
    const outside = {
      directories: new Set(refused.keys()),
      names: spec.bundling.externalNodeModules,
    };
    const plan: PassPlan = {
      rewritten,
      modules,
      keepNames: false,
      leavesMissing: true,
      outside,
      ...externalImports(missing),
    };
    const pass = await runEsbuild(spec, options, plan);
    if (pass.ok) {
      return { pass, missing: new Map([...missing, ...pass.missing]), outside, refused };
    }
    if (count === maxPasses) return { pass, missing, outside, refused };
    const before = missing.size + refused.size;
    for (const [key, one] of missingImports(pass.errors, options.projectDirectory)) {
      missing.set(key, one);
    }
    for (const [directory, errors] of refusedPackages(pass.errors, options.projectDirectory)) {
      refused.set(directory, errors);
    }
    if (missing.size + refused.size === before) return { pass, missing, outside, refused };
  }
}
