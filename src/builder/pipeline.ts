import { availableParallelism } from 'node:os';
import { createManifest } from '../manifest/create.ts';
import { buildFunction } from './build-function.ts';
import type { BuildResult } from './build-result.ts';
import { loadProjectConfig } from './config/project-config.ts';
import { discover } from './discover/discover.ts';
import { bundlerLoader, startBundler } from './load-bundler.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { openCache } from './open-cache.ts';
import { ReadyFiles } from './pack/ready-files.ts';
import { checkOutputPlace } from './publish/check-output-place.ts';
import { publish } from './publish/publish.ts';
import { openStaging } from './publish/staging.ts';
import { reportFindings } from './report-findings.ts';
import { resolveSettings, type BuildOptions } from './settings.ts';
import { bgfnVersion } from './tool-versions.ts';

/**
 * How many functions are built at once: four more than esbuild-process.ts lets into esbuild
 * (`availableParallelism() + 6`, at most 12), so that some functions are traced or packed while
 * esbuild works at its limit. 16: bounds the memory of the functions in flight.
 */
const functionsAtOnce = Math.min(availableParallelism() + 10, 16);

/**
 * Builds a functions directory: one zip for each function, and `manifest.json`. The command
 * `bgfn-build` calls this function. A function that fails does not hide the other functions: all of
 * them are tried, then one error carries every diagnostic. The output directory then stays as the
 * last good build left it.
 *
 * @throws {BgfnError} `BUILD_FAILED`, when a function cannot be built; kind `config` or `usage`,
 *   when the project or the options cannot be used
 */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const startedAtMs = Date.now();
  const settings = resolveSettings(options);
  // Without a cache every function needs esbuild: its process starts while the sources are read.
  if (settings.cacheDirectory === undefined) await startBundler();

  // Scan and classify: every function with all of its settings.
  const config = await loadProjectConfig(settings);
  checkOutputPlace(settings.outputDirectory, config.functionsDirectories);
  const { specs, diagnostics } = await discover(config, settings);
  settings.emit({ type: 'scanned', functions: specs });

  // Bundle and pack: one zip for each function, gathered in the staging directory.
  const cache = openCache(settings, startedAtMs);
  await using staging = await openStaging(settings.outputDirectory);
  const context = {
    settings,
    cache,
    staging,
    loadBundler: bundlerLoader(),
    readyFiles: new ReadyFiles(),
  };
  const outcomes = await mapConcurrent(specs, functionsAtOnce, (spec) =>
    buildFunction(spec, context),
  );
  const functions = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  // Throws BUILD_FAILED when a finding is an error: nothing below runs, so nothing is published.
  const warnings = reportFindings(
    [
      ...config.warnings,
      ...diagnostics,
      ...outcomes.flatMap((outcome) => (outcome.ok ? outcome.value.warnings : outcome.diagnostics)),
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
