import path from 'node:path';
import { endpointOf } from '../../manifest/create.ts';
import type { ManifestFunction } from '../../manifest/schema.ts';
import type { PackedFunction } from '../build-function.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';

export interface ManifestPaths {
  readonly projectDirectory: string;
  readonly outputDirectory: string;
}

/**
 * A function's record in the manifest: what was said of it and what was made of it. Paths are
 * relative to the project, with forward slashes.
 */
export function manifestFunctionOf(
  spec: FunctionSpec,
  { bundle, artifact, architecture }: PackedFunction,
  paths: ManifestPaths,
): ManifestFunction {
  const { file, size, sha256, contentDigest } = artifact;
  const record: Optional<ManifestFunction> = {
    name: spec.name,
    displayName: spec.displayName,
    generator: spec.generator,
    runtime: bundle.runtime,
    runtimeVersion: bundle.runtimeVersion,
    architecture,
    bundler: bundle.bundler,
    mainFile: projectPath(paths, spec.entry.mainFile),
    path: `${projectPath(paths, paths.outputDirectory)}/${file}`,
    endpoint: endpointOf(spec.name),
    handler: bundle.handler,
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
    artifact: { file, size, sha256, contentDigest },
    buildData: bundle.runtime === 'js' ? { runtimeAPIVersion: 1 } : {},
    priority: spec.priority ?? 10,
  };
  return withoutUndefined(record);
}

/**
 * On Netlify the artifact is a v1 function. One that streams by itself (`stream(handler)`) has to
 * be called so; the adapter buffers there what v2 functions stream. bgfn's own runtime streams
 * both, whatever is said here.
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

/** The record as JSON will have it: fields that were not set are not there. */
function withoutUndefined(record: Optional<ManifestFunction>): ManifestFunction {
  const set: ManifestFunction = JSON.parse(JSON.stringify(record));
  return set;
}

function unlessEmpty<T>(values: readonly T[]): T[] | undefined {
  return values.length === 0 ? undefined : [...values];
}

function projectPath({ projectDirectory }: ManifestPaths, file: string): string {
  return path.relative(projectDirectory, file).replaceAll(path.sep, '/') || '.';
}
