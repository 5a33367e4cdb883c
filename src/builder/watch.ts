import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { BuildResult } from './build-result.ts';
import { DirectoryWatcher } from './directory-watcher.ts';
import { build } from './pipeline.ts';
import { resolveSettings, type BuildOptions } from './settings.ts';

/** How a build in watch mode ended. */
export type WatchOutcome =
  | { readonly ok: true; readonly result: BuildResult }
  /** What the last good build wrote is still there. */
  | { readonly ok: false; readonly error: BgfnError };

export interface WatchOptions extends BuildOptions {
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /**
   * Called after the first build and after every one that came to something else than the one
   * before, be it another failure.
   */
  readonly onBuild: (outcome: WatchOutcome) => void;
}

/**
 * Builds, and builds again whenever a file of the project changes, until the signal aborts. Only
 * what changed is bundled: the cache knows the rest. New and removed functions, netlify.toml and
 * installed modules count as well. A build that fails is reported and the watching goes on; rejects
 * only for a defect of ours, or with BgfnError WATCH_LIMIT when the system cannot watch that many
 * directories.
 */
export async function watch(options: WatchOptions): Promise<void> {
  const { projectDirectory, outputDirectory, cacheDirectory } = resolveSettings(options);
  using watcher = new DirectoryWatcher({
    ignored: [outputDirectory, ...(cacheDirectory === undefined ? [] : [cacheDirectory])],
  });
  watcher.addTree(projectDirectory);
  watcher.addTree(path.join(projectDirectory, '.netlify/functions-internal'));
  let last = '';
  while (!options.signal.aborted) {
    watcher.reset();
    const outcome = await attempt(options);
    if (outcome.ok) {
      for (const directory of directoriesOutside(projectDirectory, outcome.result)) {
        watcher.add(directory);
      }
    }
    const now = fingerprint(outcome);
    if (now !== last) options.onBuild(outcome);
    last = now;
    await watcher.changed(options.signal);
  }
}

async function attempt(options: BuildOptions): Promise<WatchOutcome> {
  try {
    return { ok: true, result: await build(options) };
  } catch (error) {
    if (error instanceof BgfnError) return { ok: false, error };
    throw error;
  }
}

/** The same for two builds that came to the same: then there is nothing to tell. */
function fingerprint(outcome: WatchOutcome): string {
  return outcome.ok
    ? JSON.stringify([outcome.result.manifest, outcome.result.warnings])
    : JSON.stringify([outcome.error.message, outcome.error.diagnostics]);
}

/** Where functions have sources besides the project itself: other parts of a monorepo. */
function directoriesOutside(projectDirectory: string, { functions }: BuildResult): Set<string> {
  const outside = functions
    .flatMap(({ sources }) => sources)
    .filter((file) => !file.startsWith(projectDirectory + path.sep));
  return new Set(outside.map((file) => path.dirname(file)));
}
