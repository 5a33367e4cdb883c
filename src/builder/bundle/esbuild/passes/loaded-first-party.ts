import type { FunctionSpec } from '../../../discover/function-spec.ts';
import type { BundleOptions } from '../../contract/bundle-options.ts';
import { installedRoot } from '../../packages/installed-root.ts';
import type { PassPlan } from './pass-plan.ts';
import { runEsbuild } from './run-esbuild.ts';

/**
 * Repeats a pass that failed, and lists the first-party modules that it reads; absolute. A pass
 * that fails has no metafile.
 */
export async function loadedFirstParty(
  spec: FunctionSpec,
  options: BundleOptions,
  plan: PassPlan,
): Promise<readonly string[]> {
  const loaded = new Set<string>();
  await runEsbuild(spec, options, {
    ...plan,
    plugin: {
      name: 'bgfn-loaded',
      setup(pluginBuild) {
        pluginBuild.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, ({ path: file }) => {
          if (installedRoot(file) === undefined) loaded.add(file);
          return null;
        });
      },
    },
  });
  return [...loaded].toSorted();
}
