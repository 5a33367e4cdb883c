import path from 'node:path';
import { writeFileAtomically } from '../files/replace-file.ts';
import type { Manifest } from './schema.ts';

export const manifestFileName = 'manifest.json';

/**
 * Writes `manifest.json` into the directory by one rename: a reader sees the old one or the new
 * one, never a half. Gives its path.
 */
export async function writeManifest(directory: string, manifest: Manifest): Promise<string> {
  const file = path.join(directory, manifestFileName);
  await writeFileAtomically(file, formatManifest(manifest));
  return file;
}

/** The manifest as the bytes of its file. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
