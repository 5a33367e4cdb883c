import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from '../bundle/bundle.ts';
import type { Artifact } from './artifact.ts';

export interface PackOptions {
  /** The function's name; the zip is `<name>.zip`. */
  readonly name: string;
  /** Created when it does not exist. */
  readonly outputDirectory: string;
}

/**
 * Writes a bundle as `<name>.zip` into the output directory: to a temporary name first, then
 * renamed, so that a reader never sees half a zip. The same bundle gives the same bytes whatever
 * the clock, time zone, umask, checkout path and order of its files; a prebuilt zip is copied byte
 * for byte. Throws BgfnError ARTIFACT_TOO_LARGE, ARTIFACT_PATH_CONFLICT, FILE_UNREADABLE or
 * ZIP_INVALID.
 */
export async function pack(bundle: Bundle, options: PackOptions): Promise<Artifact> {
  const file = `${options.name}.zip`;
  mkdirSync(options.outputDirectory, { recursive: true });
  const temporary = path.join(
    options.outputDirectory,
    `.${file}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const digests = await write(bundle, options.name, temporary);
    renameSync(temporary, path.join(options.outputDirectory, file));
    return { file, ...digests };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function write(
  bundle: Bundle,
  name: string,
  temporary: string,
): Promise<Omit<Artifact, 'file'>> {
  switch (bundle.content.kind) {
    case 'files': {
      const { writeZip } = await import('./write-zip.ts');
      return writeZip(name, bundle.content.files, temporary);
    }
    case 'zip': {
      const { copyZip } = await import('./copy-zip.ts');
      return copyZip(name, bundle.content.file, temporary);
    }
  }
}
