import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { createManifest } from '../manifest/create.ts';
import type { Manifest, ManifestFunction } from '../manifest/schema.ts';
import {
  buildFunction,
  type FunctionContext,
  type FunctionOutcome,
  type PackedFunction,
} from './build-function.ts';
import type { BundlePart } from './bundle/esbuild/bundle-parts.ts';
import { BuildCache } from './cache/build-cache.ts';
import { loadProjectConfig, type ProjectConfig } from './config/project-config.ts';
import { discover } from './discover/discover.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import { bundlerLoader, startBundler } from './load-bundler.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { manifestFunctionOf } from './publish/manifest-function.ts';
import { createStaging, publish } from './publish/publish.ts';
import { resolveSettings, type BuildOptions, type BuildSettings } from './settings.ts';
import { bgfnVersion, toolVersions } from './tools.ts';

export type { BuildOptions } from './settings.ts';

/** One function of a finished build. */
export interface BuiltFunction {
  readonly spec: FunctionSpec;
  /** As it stands in the manifest. */
  readonly record: ManifestFunction;
  /** Nothing it depends on had changed. */
  readonly cached: boolean;
  readonly durationMs: number;
  /** Bytes of its content, unzipped. */
  readonly unzippedSize: number;
  /** Absolute paths of what it was made of, installed modules left out. */
  readonly sources: readonly string[];
  /**
   * What its bundled module is made of, largest first; empty when there is none. `analyze()` reads
   * it.
   */
  readonly parts: readonly BundlePart[];
}

export interface BuildResult {
  readonly manifest: Manifest;
  /** Absolute path of `manifest.json`. */
  readonly manifestFile: string;
  readonly outputDirectory: string;
  /** Sorted by name. */
  readonly functions: readonly BuiltFunction[];
  readonly warnings: readonly Diagnostic[];
  readonly durationMs: number;
}

/**
 * Builds a functions directory: one zip a function and `manifest.json`. The same thing as
 * `bgfn-build`. Functions that fail do not hide each other: all are tried, then BgfnError
 * BUILD_FAILED carries every diagnostic, and what the last good build left in the output directory
 * stays as it was.
 */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const startedAtMs = Date.now();
  const settings = resolveSettings(options);
  if (settings.cacheDirectory === undefined) await startBundler();
  const config = await loadProjectConfig(configOptions(settings));
  const { specs: asConfigured, diagnostics } = await discover(config);
  const specs = settings.forThisMachine
    ? asConfigured.map(({ architecture: _elsewhere, ...spec }) => spec)
    : asConfigured;
  settings.emit({ type: 'scanned', functions: specs });

  const cache = openCache(settings, startedAtMs);
  const stagingDirectory = await createStaging(settings.outputDirectory);
  try {
    const context = { settings, cache, stagingDirectory, loadBundler: bundlerLoader() };
    const outcomes = await mapConcurrent(specs, concurrency, (spec) =>
      buildOne(spec, config, context),
    );
    const { built, warnings } = settle(outcomes, [...config.warnings, ...diagnostics], settings);
    const manifest = createManifest({
      generator: `bgfn@${bgfnVersion()}`,
      system: settings.target,
      functions: built.map(({ record }) => record),
    });
    const manifestFile = await publish(settings.outputDirectory, stagingDirectory, manifest);
    if (built.some(({ cached }) => !cached)) await cache?.prune();
    const durationMs = Date.now() - startedAtMs;
    settings.emit({ type: 'finished', manifest, durationMs });
    return {
      manifest,
      manifestFile,
      outputDirectory: settings.outputDirectory,
      functions: built,
      warnings,
      durationMs,
    };
  } finally {
    await rm(stagingDirectory, { recursive: true, force: true });
  }
}

/**
 * Functions on their way at once. esbuild has a limit of its own (esbuild-process.ts): this many
 * more are being traced or packed meanwhile, and memory is bounded.
 */
const concurrency = Math.min(availableParallelism() + 10, 16);

type Outcome =
  | { readonly built: BuiltFunction; readonly warnings: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

async function buildOne(
  spec: FunctionSpec,
  config: ProjectConfig,
  context: FunctionContext,
): Promise<Outcome> {
  const { emit, outputDirectory } = context.settings;
  emit({ type: 'function-started', name: spec.name });
  const outcome = await buildFunction(spec, context);
  if (!outcome.ok) {
    emit({ type: 'function-failed', name: spec.name });
    return { diagnostics: outcome.diagnostics };
  }
  const built = builtFunctionOf(outcome, config, outputDirectory);
  emit({
    type: 'function-finished',
    name: spec.name,
    cached: built.cached,
    durationMs: built.durationMs,
    record: built.record,
  });
  return { built, warnings: outcome.packed.bundle.warnings };
}

function builtFunctionOf(
  outcome: Extract<FunctionOutcome, { ok: true }>,
  config: ProjectConfig,
  outputDirectory: string,
): BuiltFunction {
  const { spec, packed, cached, durationMs } = outcome;
  const { projectDirectory } = config;
  const record = manifestFunctionOf(spec, packed, { projectDirectory, outputDirectory });
  return {
    spec,
    record,
    cached,
    durationMs,
    unzippedSize: packed.artifact.unzippedSize,
    sources: packed.sources,
    parts: packed.parts,
  };
}

/** What only keeps one function from running here: for development, the others go on without it. */
const otherMachines: ReadonlySet<string> = new Set(['GO_MISSING', 'GO_BINARY_ARCHITECTURE']);

/** Reports every finding of the run; throws when one of them is an error. */
function settle(
  outcomes: readonly Outcome[],
  found: readonly Diagnostic[],
  { emit, forThisMachine }: BuildSettings,
): { built: BuiltFunction[]; warnings: Diagnostic[] } {
  const reported = unique([
    ...found,
    ...outcomes.flatMap((outcome) => ('built' in outcome ? outcome.warnings : outcome.diagnostics)),
  ]);
  const all = forThisMachine
    ? reported.map((diagnostic) =>
        otherMachines.has(diagnostic.code)
          ? ({ ...diagnostic, severity: 'warning' } as const)
          : diagnostic,
      )
    : reported;
  for (const diagnostic of all) emit({ type: 'diagnostic', diagnostic });
  const errors = all.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const count = errors.length === 1 ? 'One error' : `${errors.length} errors`;
    throw new BgfnError(
      'BUILD_FAILED',
      `The build failed: ${count.toLowerCase()}. Nothing in the output directory was changed.`,
      { diagnostics: all },
    );
  }
  const built = outcomes.flatMap((outcome) => ('built' in outcome ? [outcome.built] : []));
  return {
    built: built.toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1)),
    warnings: all,
  };
}

function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [
    ...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values(),
  ];
}

function openCache(
  settings: BuildSettings,
  startedAtMs: number,
): BuildCache<PackedFunction> | undefined {
  const { cacheDirectory: directory, projectDirectory, minify, sourcemap, target } = settings;
  if (directory === undefined) return undefined;
  return new BuildCache({
    directory,
    projectDirectory,
    tools: toolVersions(),
    settings: { minify, sourcemap, target },
    startedAtMs,
  });
}

/** What the configuration is loaded from; `bgfn list` uses the same. */
export function configOptions(
  settings: Pick<BuildSettings, 'projectDirectory' | 'functionsDirectories' | 'configFile'>,
): Parameters<typeof loadProjectConfig>[0] {
  const { projectDirectory, functionsDirectories, configFile } = settings;
  return {
    projectDirectory,
    functionsDirectories,
    ...(configFile === undefined ? {} : { configFile }),
  };
}
