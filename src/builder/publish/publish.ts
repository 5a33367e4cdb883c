import { readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { manifestFileName } from '../../manifest/file-name.ts';
import type { Manifest } from '../../manifest/schema.ts';
import { writeManifest } from '../../manifest/write.ts';
import type { Staging } from './staging.ts';

/**
 * Makes a finished build visible: the new zips by rename, then the manifest by rename, and only
 * then are the zips of functions that are gone deleted. Nothing else in the output directory is
 * touched.
 *
 * @returns The path of the manifest
 */
export async function publish(
  { directory, outputDirectory }: Staging,
  manifest: Manifest,
): Promise<string> {
  const before = await artifactsOfLastBuild(outputDirectory);
  for (const file of await readdir(directory)) {
    if (file.endsWith('.zip')) {
      await rename(path.join(directory, file), path.join(outputDirectory, file));
    }
  }
  const manifestFile = await writeManifest(outputDirectory, manifest);
  const current = new Set(manifest.functions.map(({ artifact }) => artifact.file));
  for (const file of before) {
    if (!current.has(file)) await rm(path.join(outputDirectory, file), { force: true });
  }
  return manifestFile;
}

/**
 * The zips that the manifest in the output directory names; none when there is no readable one. A
 * name with a path in it is not one that bgfn wrote.
 */
async function artifactsOfLastBuild(outputDirectory: string): Promise<string[]> {
  try {
    const manifest: { functions?: { artifact?: { file?: unknown } }[] } = JSON.parse(
      await readFile(path.join(outputDirectory, manifestFileName), 'utf8'),
    );
    const files = manifest.functions?.map((entry) => entry.artifact?.file) ?? [];
    return files.filter(
      (file): file is string => typeof file === 'string' && /^[A-Za-z0-9_-]+\.zip$/.test(file),
    );
  } catch {
    return [];
  }
}
