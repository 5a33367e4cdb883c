import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Bundle, BundleTarget } from './bundle/contract/bundle.ts';
import type { BundlePart } from './bundle/esbuild/bundle-parts.ts';
import type { BuildCache } from './cache/build-cache.ts';
import { publishedDigest } from './cache/published-digest.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import type { LoadBundler } from './load-bundler.ts';
import type { Artifact } from './pack/artifact.ts';
import { pack } from './pack/pack.ts';
import type { BuildSettings } from './settings.ts';
import { adapterModules } from './tools.ts';

/** What later steps need to know of a bundle once it is packed; as JSON it is what the cache keeps. */
export interface PackedFunction {
  readonly bundle: Pick<Bundle, 'runtime' | 'bundler' | 'handler' | 'runtimeVersion' | 'warnings'>;
  /** The CPU it was built for, when it holds native code. */
  readonly architecture?: 'x64' | 'arm64';
  readonly artifact: Artifact;
  /** The inputs that are nobody's installed module; absolute. */
  readonly sources: readonly string[];
  /** What the bundled module is made of; empty when there is none. */
  readonly parts: readonly BundlePart[];
}

export type FunctionOutcome =
  | {
      readonly ok: true;
      readonly spec: FunctionSpec;
      readonly packed: PackedFunction;
      readonly cached: boolean;
      readonly durationMs: number;
    }
  | {
      readonly ok: false;
      readonly spec: FunctionSpec;
      readonly diagnostics: readonly Diagnostic[];
    };

export interface FunctionContext {
  readonly settings: BuildSettings;
  readonly cache: BuildCache<PackedFunction> | undefined;
  readonly loadBundler: LoadBundler;
  /** New zips are gathered here and published together. */
  readonly stagingDirectory: string;
}

/** Takes one function from its spec to a zip, from the cache when nothing it depends on has changed. */
export async function buildFunction(
  spec: FunctionSpec,
  context: FunctionContext,
): Promise<FunctionOutcome> {
  const startedAt = performance.now();
  const restored = await restore(spec, context);
  if (restored !== undefined) {
    return {
      ok: true,
      spec,
      packed: restored,
      cached: true,
      durationMs: performance.now() - startedAt,
    };
  }
  const { projectDirectory, minify, sourcemap } = context.settings;
  const target = {
    ...context.settings.target,
    ...(spec.architecture === undefined ? {} : { arch: spec.architecture }),
  };
  const bundleFunction = await context.loadBundler();
  const outcome = await bundleFunction(spec, {
    projectDirectory,
    minify,
    sourcemap,
    adapter: adapterModules(),
    target,
  });
  if (!outcome.ok) return { ok: false, spec, diagnostics: outcome.diagnostics };
  const { bundle } = outcome;
  try {
    const artifact = await pack(bundle, {
      name: spec.name,
      outputDirectory: context.stagingDirectory,
    });
    const sources = bundle.inputs.filter((file) => !file.includes(`${sep}node_modules${sep}`));
    const packed = {
      bundle: summaryOf(bundle),
      artifact,
      sources,
      parts: bundle.parts ?? [],
      ...architectureOf(spec, bundle, target),
    };
    await keep(spec, packed, bundle.inputs, context);
    return { ok: true, spec, packed, cached: false, durationMs: performance.now() - startedAt };
  } catch (error) {
    if (error instanceof BgfnError) {
      return { ok: false, spec, diagnostics: [diagnosticOf(error, spec)] };
    }
    throw error;
  }
}

async function restore(
  spec: FunctionSpec,
  { cache, settings, stagingDirectory }: FunctionContext,
): Promise<PackedFunction | undefined> {
  const entry = await cache?.find(spec);
  if (cache === undefined || entry === undefined) return undefined;
  const { file, sha256 } = entry.value.artifact;
  const published = publishedDigest(join(settings.outputDirectory, file)) === sha256;
  if (!published && !(await cache.restoreZip(sha256, join(stagingDirectory, file)))) {
    return undefined;
  }
  return mapPaths(entry.value, (path) => resolve(settings.projectDirectory, path));
}

async function keep(
  spec: FunctionSpec,
  packed: PackedFunction,
  inputs: readonly string[],
  { cache, settings, stagingDirectory }: FunctionContext,
): Promise<void> {
  // What would resolve such an import can appear anywhere; until it does, the function is built each time.
  if (packed.bundle.warnings.some(({ code }) => code === 'UNRESOLVED_IMPORT')) return;
  await cache?.save(spec, inputs, {
    value: mapPaths(packed, (path) =>
      isAbsolute(path) ? relative(settings.projectDirectory, path) : path,
    ),
    zipFile: join(stagingDirectory, packed.artifact.file),
    zipSha256: packed.artifact.sha256,
  });
}

/** What is kept has paths relative to the project, so that they are right in every checkout. */
function mapPaths(packed: PackedFunction, map: (path: string) => string): PackedFunction {
  const warnings = packed.bundle.warnings.map((warning) =>
    warning.location === undefined
      ? warning
      : { ...warning, location: { ...warning.location, file: map(warning.location.file) } },
  );
  return {
    ...packed,
    bundle: { ...packed.bundle, warnings },
    sources: packed.sources.map((file) => map(file)),
  };
}

function summaryOf({
  runtime,
  bundler,
  handler,
  runtimeVersion,
  warnings,
}: Bundle): PackedFunction['bundle'] {
  return {
    runtime,
    handler,
    warnings,
    ...(bundler === undefined ? {} : { bundler }),
    ...(runtimeVersion === undefined ? {} : { runtimeVersion }),
  };
}

/**
 * Go is native code; of Node's files it is the addons. A prebuilt zip is not looked into: what its
 * author says counts.
 */
function architectureOf(
  { architecture }: FunctionSpec,
  { runtime, content }: Bundle,
  target: BundleTarget,
): Pick<PackedFunction, 'architecture'> {
  if (architecture !== undefined) return { architecture };
  if (runtime === 'go') return { architecture: target.arch };
  const native =
    content.kind === 'files' && content.files.some(({ path }) => path.endsWith('.node'));
  return native ? { architecture: target.arch } : {};
}

function diagnosticOf(error: BgfnError, spec: FunctionSpec): Diagnostic {
  return {
    severity: 'error',
    code: error.code,
    message: error.message,
    functionName: spec.name,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
