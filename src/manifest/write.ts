import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from './schema.ts';

export const manifestFileName = 'manifest.json';

/**
 * Writes `manifest.json` into the directory by one rename: a reader sees the old one or the new
 * one, never a half. Gives its path.
 */
export async function writeManifest(directory: string, manifest: Manifest): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, manifestFileName);
  const temporary = path.join(
    directory,
    `.${manifestFileName}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    await writeFile(temporary, formatManifest(manifest));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return file;
}

/** The manifest as the bytes of its file. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
