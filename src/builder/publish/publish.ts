import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import type { Manifest } from '../../manifest/schema.ts';
import { manifestFileName, writeManifest } from '../../manifest/write.ts';

/**
 * A directory inside the output directory, so that what is gathered in it can be renamed into
 * place.
 */
export async function createStaging(outputDirectory: string): Promise<string> {
  const staging = path.join(
    outputDirectory,
    `.staging-${process.pid}-${randomBytes(4).toString('hex')}`,
  );
  try {
    await mkdir(staging, { recursive: true });
  } catch (error) {
    throw new BgfnError(
      'OUTPUT_UNWRITABLE',
      `The output directory ${outputDirectory} cannot be written: ${messageOf(error)}.`,
      {
        kind: 'config',
        hint: 'Name another directory with --out.',
        cause: error,
      },
    );
  }
  await sweep(outputDirectory);
  return staging;
}

/** Removes what builds left that were killed: their process is gone. */
async function sweep(outputDirectory: string): Promise<void> {
  for (const name of await readdir(outputDirectory)) {
    const owner = /^\.staging-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) {
      await rm(path.join(outputDirectory, name), { recursive: true, force: true });
    }
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Makes a finished build visible: the new zips by rename, then the manifest by rename, and only
 * then are the zips of functions that are gone deleted. Nothing else in the directory is touched.
 */
export async function publish(
  outputDirectory: string,
  stagingDirectory: string,
  manifest: Manifest,
): Promise<string> {
  const before = await namedArtifacts(outputDirectory);
  for (const file of await readdir(stagingDirectory)) {
    if (file.endsWith('.zip')) {
      await rename(path.join(stagingDirectory, file), path.join(outputDirectory, file));
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
 * The zips that the manifest of the last build names; none when there is no readable one. Names
 * with a path in them are not ours.
 */
async function namedArtifacts(outputDirectory: string): Promise<string[]> {
  try {
    const data: { functions?: { artifact?: { file?: unknown } }[] } = JSON.parse(
      await readFile(path.join(outputDirectory, manifestFileName), 'utf8'),
    );
    const files = data.functions?.map((entry) => entry.artifact?.file) ?? [];
    return files.filter(
      (file): file is string => typeof file === 'string' && /^[A-Za-z0-9_-]+\.zip$/.test(file),
    );
  } catch {
    return [];
  }
}
