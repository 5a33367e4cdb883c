import type { bundleFunction } from './bundle/bundle-function.ts';

/**
 * Starts the process that the bundler works in, for a build that will need it for sure: it is ready
 * by the time the functions are known.
 */
export async function startBundler(): Promise<void> {
  const { startEsbuild } = await import('./bundle/esbuild/esbuild-process.ts');
  startEsbuild();
}

export type LoadBundler = () => Promise<typeof bundleFunction>;

/**
 * Loads the bundler when the first function of a build needs it: a build that finds everything in
 * the cache never does.
 */
export function bundlerLoader(): LoadBundler {
  let loading: ReturnType<LoadBundler> | undefined;
  return () => (loading ??= load());
}

/** What the bundler remembers of files is from an earlier build of this process, if anything. */
async function load(): ReturnType<LoadBundler> {
  const [bundler, { forgetProject }] = await Promise.all([
    import('./bundle/bundle-function.ts'),
    import('./bundle/forget.ts'),
  ]);
  forgetProject();
  return bundler.bundleFunction;
}
