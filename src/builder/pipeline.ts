import { availableParallelism } from 'node:os';
import { createManifest } from '../manifest/create.ts';
import { buildFunction } from './build-function.ts';
import type { BuildResult } from './build-result.ts';
import { loadProjectConfig } from './config/project-config.ts';
import { discover } from './discover/discover.ts';
import { bundlerLoader, startBundler } from './load-bundler.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { openCache } from './open-cache.ts';
import { publish } from './publish/publish.ts';
import { openStaging } from './publish/staging.ts';
import { reportFindings } from './report-findings.ts';
import { resolveSettings, type BuildOptions } from './settings.ts';
import { bgfnVersion } from './tool-versions.ts';

/**
 * How many functions are built at once. esbuild has a limit of its own (esbuild-process.ts): the
 * functions beyond that are traced or packed meanwhile. The upper bound is for the memory.
 */
const functionsAtOnce = Math.min(availableParallelism() + 10, 16);

/**
 * Builds a functions directory: one zip for each function, and `manifest.json`. `bgfn-build` is a
 * shell over it. A function that fails does not hide the others: all are tried, then BgfnError
 * BUILD_FAILED carries every diagnostic, and the output directory stays as the last good build left
 * it.
 */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const startedAtMs = Date.now();
  const settings = resolveSettings(options);
  // Without a cache every function needs the bundler: its process starts while the rest is read.
  if (settings.cacheDirectory === undefined) await startBundler();

  // Scan and classify: every function with all of its settings.
  const config = await loadProjectConfig(settings);
  const { specs, diagnostics } = await discover(config, settings);
  settings.emit({ type: 'scanned', functions: specs });

  // Bundle and pack: one zip for each function, gathered in the staging directory.
  const cache = openCache(settings, startedAtMs);
  await using staging = await openStaging(settings.outputDirectory);
  const context = { settings, cache, staging, loadBundler: bundlerLoader() };
  const outcomes = await mapConcurrent(specs, functionsAtOnce, (spec) =>
    buildFunction(spec, context),
  );
  const functions = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  const warnings = reportFindings(
    [
      ...config.warnings,
      ...diagnostics,
      ...outcomes.flatMap((it) => (it.ok ? it.value.warnings : it.diagnostics)),
    ],
    settings.emit,
  );

  // Manifest and publish: the output directory changes only now.
  const manifest = createManifest({
    generator: `bgfn@${bgfnVersion()}`,
    system: settings.target,
    functions: functions.map(({ record }) => record),
  });
  const manifestFile = await publish(staging, manifest);
  if (functions.some(({ cached }) => !cached)) await cache?.prune();

  const durationMs = Date.now() - startedAtMs;
  settings.emit({ type: 'finished', manifest, durationMs });
  const { outputDirectory } = settings;
  return { manifest, manifestFile, outputDirectory, functions, warnings, durationMs };
}
