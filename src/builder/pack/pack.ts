import path from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import type { Bundle } from '../bundle/contract/bundle.ts';
import type { Artifact, WrittenZip } from './artifact.ts';

export interface PackOptions {
  /** The function's name; the zip is `<name>.zip`. */
  readonly name: string;
  /** The directory is created when it does not exist. */
  readonly outputDirectory: string;
}

/**
 * Writes a bundle as `<name>.zip` into the output directory: under a temporary name first, then
 * renamed, so that a reader never sees half a zip. The bytes of the zip depend on the bundle alone,
 * and not on the clock, time zone, umask, checkout path and order of the files. A prebuilt zip is
 * copied byte for byte.
 *
 * @throws {BgfnError} `ARTIFACT_PATH_CONFLICT`, `FILE_UNREADABLE` or `ZIP_INVALID`
 */
export async function pack(
  bundle: Bundle,
  options: PackOptions,
): Promise<Artifact & Pick<WrittenZip, 'warnings'>> {
  const file = `${options.name}.zip`;
  const digests = await replaceFile(path.join(options.outputDirectory, file), (temporary) =>
    write(bundle, options.name, temporary),
  );
  return { file, ...digests };
}

async function write(bundle: Bundle, name: string, temporary: string): Promise<WrittenZip> {
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
