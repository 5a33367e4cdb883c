import path from 'node:path';
import { writeFileAtomically } from '../files/replace-file.ts';
import { manifestFileName } from './file-name.ts';
import type { Manifest } from './schema.ts';

/**
 * Writes `manifest.json` into the directory by one rename, so that a reader sees the old file or
 * the new file.
 *
 * @returns The path of the file
 */
export async function writeManifest(directory: string, manifest: Manifest): Promise<string> {
  const file = path.join(directory, manifestFileName);
  await writeFileAtomically(file, formatManifest(manifest));
  return file;
}

/** The text of a manifest's file. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
