import { readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { manifestFileName } from '../../manifest/file-name.ts';
import type { Manifest } from '../../manifest/schema.ts';
import { writeManifest } from '../../manifest/write.ts';
import type { Staging } from './staging.ts';

/**
 * Publishes a finished build: renames the new zips into the output directory, then the manifest,
 * and then deletes the zips of functions that no longer exist. In this order every manifest that a
 * reader sees names zips that exist. Other files in the output directory stay as they are.
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
 * The zips that the manifest in the output directory names; empty when the manifest is missing or
 * cannot be read. Names that bgfn cannot have written, such as paths, are left out: their files
 * must not be deleted.
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
