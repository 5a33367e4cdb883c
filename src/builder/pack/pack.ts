import path from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import type { Bundle } from '../bundle/contract/bundle.ts';
import type { Artifact, WrittenZip } from './artifact.ts';
import { ReadyFiles } from './ready-files.ts';
import type { WrittenEntry, ZipTarget } from './write-zip.ts';

export interface PackOptions {
  /** The function's name; the zip is `<name>.zip`. */
  readonly name: string;
  /** The directory is created when it does not exist. */
  readonly outputDirectory: string;
  /** The files that the build has deflated. Default: none. */
  readonly readyFiles?: ReadyFiles | undefined;
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
  const { readyFiles = new ReadyFiles() } = options;
  const zip = path.join(options.outputDirectory, file);
  const { entries, ...written } = await replaceFile(zip, (temporary) =>
    write(bundle, options.name, { target: temporary, readyFiles }),
  );
  for (const { content, ready, position } of entries) {
    if ('copyFrom' in content) readyFiles.isIn(content.copyFrom, ready, { zip, position });
  }
  return { file, ...written };
}

async function write(
  bundle: Bundle,
  name: string,
  target: ZipTarget,
): Promise<WrittenZip & { readonly entries: readonly WrittenEntry[] }> {
  switch (bundle.content.kind) {
    case 'files': {
      const { writeZip } = await import('./write-zip.ts');
      return writeZip(name, bundle.content.files, target);
    }
    case 'zip': {
      const { copyZip } = await import('./copy-zip.ts');
      return { ...(await copyZip(name, bundle.content.file, target.target)), entries: [] };
    }
  }
}
