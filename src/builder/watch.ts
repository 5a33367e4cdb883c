import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { BuildResult } from './build-result.ts';
import { DirectoryWatcher } from './directory-watcher.ts';
import { build } from './pipeline.ts';
import { resolveSettings, type BuildOptions } from './settings.ts';

/** The outcome of one build in watch mode. */
export type WatchOutcome =
  | { readonly ok: true; readonly result: BuildResult }
  /** The build failed. The output directory is as the last good build left it. */
  | { readonly ok: false; readonly error: BgfnError };

export interface WatchOptions extends BuildOptions {
  /** Ends `watch()` when it aborts. */
  readonly signal: AbortSignal;
  /**
   * Called after the first build, and after each later build whose result or failure differs from
   * the result or failure of the build before.
   */
  readonly onBuild: (outcome: WatchOutcome) => void;
}

/**
 * Builds the project, and builds it again whenever one of its files changes, until the signal
 * aborts. Only functions that changed are bundled; the other functions come from the cache. Changes
 * of netlify.toml and of installed modules, new functions and removed functions count as changes. A
 * build that fails is reported, and the next change starts another build.
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

/** A text that is equal for two builds with the same result or the same failure. */
function fingerprint(outcome: WatchOutcome): string {
  return outcome.ok
    ? JSON.stringify([outcome.result.manifest, outcome.result.warnings])
    : JSON.stringify([outcome.error.message, outcome.error.diagnostics]);
}

/** The directories of sources outside the project, as in other parts of a monorepo. */
function directoriesOutside(projectDirectory: string, { functions }: BuildResult): Set<string> {
  const outside = functions
    .flatMap(({ sources }) => sources)
    .filter((file) => !file.startsWith(projectDirectory + path.sep));
  return new Set(outside.map((file) => path.dirname(file)));
}
