import { stat, writeFile, rm } from 'node:fs/promises';
import { BuildCache } from '../../../../src/builder/cache/build-cache.ts';
import type { FunctionSpec } from '../../../../src/builder/discover/function-spec.ts';
import { pack } from '../../../../src/builder/pack/pack.ts';
import { bundleOf, textFile } from '../../pack/support/bundles.ts';
import type { TemporaryProject } from '../../support/temporary-project.ts';

/** A spec as classify makes it, for a function `f` of the project. */
export function specIn(
  project: TemporaryProject,
  changes: Partial<FunctionSpec> = {},
  includedFiles: readonly string[] = [],
): FunctionSpec {
  const functionsDirectory = project.path('netlify/functions');
  return {
    name: 'f',
    entry: {
      kind: 'javascript',
      name: 'f',
      mainFile: project.path('netlify/functions/f.ts'),
      functionsDirectory,
    },
    mode: 'sync',
    timeoutSeconds: 60,
    maxPayloadBytes: 1,
    routes: [],
    excludedRoutes: [],
    methods: [],
    eventSubscriptions: [],
    bundling: {
      nodeBundler: 'auto',
      externalNodeModules: [],
      ignoredNodeModules: [],
      includedFiles,
      includedFilesBase: project.directory,
      nodeMajor: 24,
    },
    ...changes,
  };
}

export function cacheIn(
  project: TemporaryProject,
  options: {
    settings?: Record<string, unknown>;
    tools?: Record<string, string>;
    startedAtMs?: number;
  } = {},
): BuildCache<string> {
  return new BuildCache({
    directory: project.path('cache'),
    projectDirectory: project.directory,
    tools: options.tools ?? { bgfn: '1' },
    settings: options.settings ?? { minify: false },
    startedAtMs: options.startedAtMs ?? Date.now() + 60_000,
  });
}

/** Packs a zip of the text and keeps it under the spec. Gives its sha256. */
export async function keep(
  project: TemporaryProject,
  cache: BuildCache<string>,
  spec: FunctionSpec,
  inputs: readonly string[],
  text: string,
): Promise<string> {
  const { sha256 } = await pack(bundleOf([textFile('f.mjs', text)]), {
    name: 'f',
    outputDirectory: project.path('staging'),
  });
  await cache.save(spec, inputs, {
    value: text,
    zipFile: project.path('staging/f.zip'),
    zipSha256: sha256,
  });
  return sha256;
}

/**
 * Until the file system's clock has moved past all that was written so far: a file written in the
 * same tick as a build's start counts as changed during the build, and is not kept.
 */
export async function clockHasMoved(project: TemporaryProject): Promise<void> {
  const probe = project.path('clock');
  const writtenAt = async (): Promise<number> => {
    await writeFile(probe, '');
    return (await stat(probe)).ctimeMs;
  };
  const start = await writtenAt();
  while ((await writtenAt()) < start + 50);
  await rm(probe);
}
