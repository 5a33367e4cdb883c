import type { Outcome } from '../diagnostic/outcome.ts';
import type { BundleOptions } from './bundle/contract/bundle-options.ts';
import type { Bundle } from './bundle/contract/bundle.ts';
import type { FunctionSpec } from './discover/function-spec.ts';

/**
 * Starts esbuild's process early, for a build that is certain to need esbuild: the process is ready
 * by the time the functions are found.
 */
export async function startBundler(): Promise<void> {
  const { startEsbuild } = await import('./bundle/esbuild/esbuild-process.ts');
  startEsbuild();
}

/** Bundles functions of one build. */
export type Bundler = (spec: FunctionSpec, options: BundleOptions) => Promise<Outcome<Bundle>>;

export type LoadBundler = () => Promise<Bundler>;

/**
 * Returns a function that loads the bundler on its first call: a build that finds every function in
 * the cache never loads the bundler. Each build has its own loader, and thereby its own session.
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
  setImmediate(loadPacker);
  const session = createBundleSession();
  return (spec, options) => bundleFunction({ spec, options, session });
}

/**
 * Loads archiver, which every function that is bundled needs next. Loading takes 60 ms of this
 * thread. The first functions are with esbuild now, and their outputs will keep this thread busy.
 */
function loadPacker(): void {
  // If the load fails, the first function that is packed reports the error.
  import('./pack/write-zip.ts').catch(() => undefined);
}
