import { stat, writeFile, rm } from 'node:fs/promises';
import { BuildCache } from '../../../../src/builder/cache/build-cache.ts';
import type { FunctionSpec } from '../../../../src/builder/discover/function-spec.ts';
import { pack } from '../../../../src/builder/pack/pack.ts';
import { javascriptSpec } from '../../../support/function-spec.ts';
import { bundleOf, textFile } from '../../pack/support/bundles.ts';
import type { TemporaryProject } from '../../support/temporary-project.ts';

/** The spec that `classify` makes of a function `f` of the project, without any settings. */
export function specIn(
  project: TemporaryProject,
  changes: Partial<FunctionSpec> = {},
  includedFiles: readonly string[] = [],
): FunctionSpec {
  const mainFile = project.path('netlify/functions/f.ts');
  return { ...javascriptSpec(project.directory, mainFile, { includedFiles }), ...changes };
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

/** Packs the text as a zip, saves the zip and the text in the cache, and returns the sha256. */
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
 * Waits until the file system's clock has moved past every file written so far. A file that is
 * written in the same tick in which a build starts counts as changed during the build, and the
 * cache keeps nothing that depends on it.
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
