import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { BuildResult } from './build-result.ts';
import { DirectoryWatcher } from './directory-watcher.ts';
import { build } from './pipeline.ts';
import { resolveSettings, type BuildOptions } from './settings.ts';

/** The outcome of one build in watch mode. */
export type WatchOutcome =
  | { readonly ok: true; readonly result: BuildResult }
  /** The output directory is as the last good build left it. */
  | { readonly ok: false; readonly error: BgfnError };

export interface WatchOptions extends BuildOptions {
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /**
   * Called after the first build, and after every later one whose result or failure differs from
   * that of the one before.
   */
  readonly onBuild: (outcome: WatchOutcome) => void;
}

/**
 * Builds, and builds again whenever a file of the project changes, until the signal aborts. Only
 * functions that changed are bundled; the others come from the cache. New and removed functions,
 * netlify.toml and installed modules count as changes. A build that fails is reported and the
 * watching goes on.
 *
 * @throws {BgfnError} `WATCH_LIMIT`, when the system cannot watch that many directories
 */
export async function watch(options: WatchOptions): Promise<void> {
  const { projectDirectory, outputDirectory, cacheDirectory } = resolveSettings(options);
  using watcher = new DirectoryWatcher({
    ignored: [outputDirectory, ...(cacheDirectory === undefined ? [] : [cacheDirectory])],
  });
  watcher.addTree(projectDirectory);
  watcher.addTree(path.join(projectDirectory, '.netlify/functions-internal'));
  let previous = '';
  while (!options.signal.aborted) {
    watcher.reset();
    const outcome = await attempt(options);
    if (outcome.ok) {
      for (const directory of directoriesOutside(projectDirectory, outcome.result)) {
        watcher.add(directory);
      }
    }
    const current = fingerprint(outcome);
    if (current !== previous) options.onBuild(outcome);
    previous = current;
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

/** The same for two builds with the same result or failure. */
function fingerprint(outcome: WatchOutcome): string {
  return outcome.ok
    ? JSON.stringify([outcome.result.manifest, outcome.result.warnings])
    : JSON.stringify([outcome.error.message, outcome.error.diagnostics]);
}

/** The directories of sources outside the project: other parts of a monorepo. */
function directoriesOutside(projectDirectory: string, { functions }: BuildResult): Set<string> {
  const outside = functions
    .flatMap(({ sources }) => sources)
    .filter((file) => !file.startsWith(projectDirectory + path.sep));
  return new Set(outside.map((file) => path.dirname(file)));
}
