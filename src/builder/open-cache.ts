import { BuildCache } from './cache/build-cache.ts';
import { FunctionCache } from './cache/function-cache.ts';
import type { PackedFunction } from './pack/packed-function.ts';
import type { BuildSettings } from './settings.ts';
import { toolVersions } from './tool-versions.ts';

/** The cache of a build that started at `startedAtMs`; undefined for a build without a cache. */
export function openCache(settings: BuildSettings, startedAtMs: number): FunctionCache | undefined {
  const { cacheDirectory, projectDirectory, outputDirectory } = settings;
  if (cacheDirectory === undefined) return undefined;
  const { minify, sourcemap, target } = settings;
  const cache = new BuildCache<PackedFunction>({
    directory: cacheDirectory,
    projectDirectory,
    tools: toolVersions(),
    settings: { minify, sourcemap, target },
    startedAtMs,
  });
  return new FunctionCache(cache, { projectDirectory, outputDirectory });
}
