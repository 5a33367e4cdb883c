import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle.ts';
import { importKey } from '../externals/plan-externals.ts';
import { installedRoot } from '../packages/package-index.ts';
import { unresolvedSpecifier } from './esbuild-messages.ts';
import { exactlyAnyOf, runEsbuild, type PassOutcome, type PassPlan } from './esbuild-pass.ts';

const maxPasses = 8;

/**
 * Everything in one file, and the imports of absent packages (`importKey` → specifier) that were
 * left alone to get there.
 */
export interface FirstPass {
  readonly pass: PassOutcome;
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * A package may name optional packages that are not installed (drivers, accelerators, peers): such
 * an import stays as written and fails at run time only if that line is reached, exactly as it does
 * from source. In first-party code it is an error.
 */
export async function bundleEverything(
  spec: FunctionSpec,
  options: BundleOptions,
  { modules, rewritten }: Pick<PassPlan, 'modules' | 'rewritten'>,
): Promise<FirstPass> {
  const missing = new Map<string, string>();
  for (let count = 1; ; count += 1) {
    const pass = await runEsbuild(spec, options, {
      rewritten,
      modules,
      keepNames: false,
      ...(missing.size === 0 ? {} : { externals: externalsPlugin(missing) }),
    });
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

/** Keeps exactly these imports (`importKey`), under the names given. */
export function externalsPlugin(renames: ReadonlyMap<string, string>): Plugin {
  const specifiers = [
    ...new Set([...renames.keys()].map((key) => key.slice(key.indexOf('\0') + 1))),
  ];
  return {
    name: 'bgfn-externals',
    setup(pluginBuild) {
      if (specifiers.length === 0) return;
      pluginBuild.onResolve(
        { filter: exactlyAnyOf(specifiers) },
        ({ path: specifier, importer }) => {
          const renamed = renames.get(importKey(importer, specifier));
          return renamed === undefined ? null : { path: renamed, external: true };
        },
      );
    },
  };
}
