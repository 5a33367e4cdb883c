import type { Outcome } from '../diagnostic/outcome.ts';
import type { BundleOptions } from './bundle/contract/bundle-options.ts';
import type { Bundle } from './bundle/contract/bundle.ts';
import type { FunctionSpec } from './discover/function-spec.ts';

/**
 * Starts esbuild's process early, for a build that is certain to need it: it is ready by the time
 * the functions are known.
 */
export async function startBundler(): Promise<void> {
  const { startEsbuild } = await import('./bundle/esbuild/esbuild-process.ts');
  startEsbuild();
}

/** Bundles functions of one build. */
export type Bundler = (spec: FunctionSpec, options: BundleOptions) => Promise<Outcome<Bundle>>;

export type LoadBundler = () => Promise<Bundler>;

/**
 * Loads the bundler when the first function of a build needs it: a build that finds everything in
 * the cache never does. Each build has a loader, and so a session, of its own.
 */
export function bundlerLoader(): LoadBundler {
  let loading: Promise<Bundler> | undefined;
  return () => (loading ??= load());
}

async function load(): Promise<Bundler> {
  const [{ bundleFunction }, { createBundleSession }] = await Promise.all([
    import('./bundle/bundle-function.ts'),
    import('./bundle/session/session.ts'),
  ]);
  const session = createBundleSession();
  return (spec, options) => bundleFunction({ spec, options, session });
}
