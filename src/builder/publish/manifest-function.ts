import path from 'node:path';
import { endpointOf } from '../../manifest/create.ts';
import type { ManifestFunction } from '../../manifest/schema.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { PackedFunction } from '../pack/packed-function.ts';

export interface ManifestPaths {
  readonly projectDirectory: string;
  readonly outputDirectory: string;
}

/**
 * A function's record in the manifest: its settings and its artifact. Paths are relative to the
 * project, with forward slashes.
 */
export function manifestFunctionOf(
  spec: FunctionSpec,
  packed: PackedFunction,
  paths: ManifestPaths,
): ManifestFunction {
  const { runtime, runtimeVersion, architecture, bundler, handler } = packed;
  const { file, size, unzippedSize, sha256, contentDigest } = packed.artifact;
  const record: Optional<ManifestFunction> = {
    name: spec.name,
    displayName: spec.displayName,
    generator: spec.generator,
    runtime,
    runtimeVersion,
    architecture,
    bundler,
    mainFile: projectPath(paths, spec.entry.mainFile),
    path: `${projectPath(paths, paths.outputDirectory)}/${file}`,
    endpoint: endpointOf(spec.name),
    handler,
    invocationMode: invocationModeOf(spec),
    timeout: spec.timeoutSeconds,
    retry: spec.retry,
    maxPayloadBytes: spec.maxPayloadBytes,
    schedule: spec.schedule,
    routes: unlessEmpty(spec.routes),
    excludedRoutes: unlessEmpty(spec.excludedRoutes),
    methods: unlessEmpty(spec.methods),
    region: spec.region,
    memory: spec.memoryMb,
    vcpu: spec.vcpu,
    trafficRules: spec.trafficRules,
    eventSubscriptions: unlessEmpty(spec.eventSubscriptions),
    destinations: spec.destinations,
    artifact: { file, size, unzippedSize, sha256, contentDigest },
    buildData: runtime === 'js' ? { runtimeAPIVersion: 1 } : {},
    priority: spec.priority ?? 10,
  };
  return withoutUndefined(record);
}

/**
 * How Netlify calls the artifact. Every artifact is a v1 function on Netlify. A function whose
 * source is v1 and streams (`stream(handler)`) has the mode `stream`. The adapter buffers the
 * responses of v2 functions on Netlify, so their mode is `buffer`. bgfn's own runtime streams the
 * responses of both, whatever the mode.
 */
function invocationModeOf({
  mode,
  authoring,
  streaming,
}: FunctionSpec): ManifestFunction['invocationMode'] {
  if (mode === 'background') return 'background';
  return authoring === 1 && streaming === true ? 'stream' : 'buffer';
}

type Optional<T> = { [K in keyof Required<T>]: T[K] | undefined };

/** Drops the fields that are not set, as JSON does. */
function withoutUndefined(record: Optional<ManifestFunction>): ManifestFunction {
  const written: ManifestFunction = JSON.parse(JSON.stringify(record));
  return written;
}

function unlessEmpty<T>(values: readonly T[]): T[] | undefined {
  return values.length === 0 ? undefined : [...values];
}

function projectPath({ projectDirectory }: ManifestPaths, file: string): string {
  return path.relative(projectDirectory, file).replaceAll(path.sep, '/') || '.';
}
