import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import { sha256Of } from '../../files/sha256.ts';
import type { WrittenZip } from './artifact.ts';
import { contentDigestOf, type DigestedFile } from './content-digest.ts';
import { sizeWarnings, type SizedFile } from './size-limits.ts';

/**
 * Copies a zip that another tool made, byte for byte, after reading every entry.
 *
 * @throws {BgfnError} `ZIP_INVALID`
 */
export async function copyZip(name: string, source: string, target: string): Promise<WrittenZip> {
  const bytes = await readFile(source);
  const files = await readEntries(name, source, bytes);
  await writeFile(target, bytes, { mode: 0o644 });
  return {
    size: bytes.length,
    unzippedSize: files.reduce((sum, file) => sum + file.bytes, 0),
    sha256: sha256Of(bytes),
    contentDigest: contentDigestOf(files),
    warnings: sizeWarnings(name, bytes.length, files, true),
  };
}

async function readEntries(
  name: string,
  source: string,
  bytes: Buffer,
): Promise<(DigestedFile & SizedFile)[]> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/')) entries.push(entry);
    }
    if (entries.length === 0) throw new Error('it has no files');
    const files: (DigestedFile & SizedFile)[] = [];
    for (const entry of entries) files.push(await digestEntry(zip, entry));
    return files;
  } catch (error) {
    if (error instanceof BgfnError) throw error;
    throw new BgfnError(
      'ZIP_INVALID',
      `The function "${name}" is a zip that cannot be read: ${messageOf(error)}.`,
      {
        hint: `Make ${source} again, and check it with \`unzip -t\`.`,
        cause: error,
      },
    );
  }
}

async function digestEntry(zip: ZipFile, entry: Entry): Promise<DigestedFile & SizedFile> {
  const hash = createHash('sha256');
  let checksum = 0;
  const content: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
  for await (const chunk of content) {
    hash.update(chunk);
    checksum = crc32(chunk, checksum);
  }
  // yauzl checks the size of an entry, but not its checksum.
  if (checksum !== entry.crc32) {
    throw new Error(`the bytes of ${entry.fileName} are not those it was made of`);
  }
  return {
    path: entry.fileName,
    mode: modeOf(entry),
    sha256: hash.digest('hex'),
    bytes: entry.uncompressedSize,
  };
}

/** The mode of an entry: executable if any of the permission bits that Unix zips store says so. */
function modeOf(entry: Entry): 0o644 | 0o755 {
  return ((entry.externalFileAttributes >>> 16) & 0o111) === 0 ? 0o644 : 0o755;
}
