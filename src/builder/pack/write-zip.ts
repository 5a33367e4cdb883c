import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { sha256Of } from '../../files/sha256.ts';
import type { BundleFile } from '../bundle/contract/bundle.ts';
import type { Artifact, WrittenZip } from './artifact.ts';
import { inBlocks, measured, Meter } from './chunks.ts';
import { compressionLevelOf } from './compression-level.ts';
import { byPath, contentDigestOf, type DigestedFile } from './content-digest.ts';
import { checkEntryPaths } from './entry-paths.ts';
import { sizeWarnings, type SizedFile } from './size-limits.ts';

/** The first day that the date field of an entry can express. archiver writes dates in UTC. */
const entryDate = new Date(Date.UTC(1980, 0, 1));

/**
 * Smaller files are stored without compression: on them deflate saves less than the 16 bytes of the
 * record that archiver writes behind a deflated entry.
 */
const smallestDeflatedBytes = 128;

/** Larger files are streamed, so that they are never in memory as a whole. */
const wholeFileBytes = 1024 * 1024;

/** How many bytes one read and one output chunk of deflate have: each is a trip to the thread pool. */
const readBytes = 256 * 1024;
const chunkSize = 64 * 1024;

/**
 * Writes the files as a zip to `target`.
 *
 * @throws {BgfnError} `ARTIFACT_PATH_CONFLICT` or `FILE_UNREADABLE`
 */
export async function writeZip(
  name: string,
  files: readonly BundleFile[],
  target: string,
): Promise<WrittenZip> {
  const sorted = reading(name, () =>
    files
      .toSorted(byPath)
      .map(({ path, mode, content }) => ({ path, mode, content, bytes: sizeOf(content) })),
  );
  checkEntryPaths(name, sorted);
  const level = reading(name, () => compressionLevelOf(sorted));
  const archive = new ZipArchive({ zlib: { level, chunkSize } });
  const [entries, zip] = await Promise.all([
    appendFiles(name, archive, sorted),
    writeArchive(archive, target),
  ]);
  return {
    ...zip,
    unzippedSize: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    contentDigest: contentDigestOf(entries),
    warnings: sizeWarnings(name, zip.size, entries),
  };
}

type PackedFile = BundleFile & SizedFile;
type ZipEntry = DigestedFile & SizedFile;

/** Appends the files one after the other: a file is read when the file before it is written. */
async function appendFiles(
  name: string,
  archive: ZipArchive,
  files: readonly PackedFile[],
): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  try {
    for (const file of files) entries.push(await appendFile(name, archive, file));
    await archive.finalize();
    return entries;
  } catch (error) {
    // Makes `writeArchive` fail too: otherwise it would wait for the end of the archive.
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function appendFile(name: string, archive: ZipArchive, file: PackedFile): Promise<ZipEntry> {
  const { path, mode, content } = file;
  if ('copyFrom' in content && file.bytes > wholeFileBytes) {
    return appendStream(name, archive, file, content.copyFrom);
  }
  const bytes = reading(name, () =>
    'bytes' in content ? content.bytes : readFileSync(content.copyFrom),
  );
  await append(archive, file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { path, mode, bytes: bytes.byteLength, sha256: sha256Of(bytes) };
}

async function appendStream(
  name: string,
  archive: ZipArchive,
  file: PackedFile,
  copyFrom: string,
): Promise<ZipEntry> {
  const meter = new Meter();
  const chunks = createReadStream(copyFrom, { highWaterMark: readBytes });
  const source = Readable.from(measured(chunks, meter), { objectMode: false });
  // archiver does not notice that a source has failed, and would wait for the end of the source.
  source.once('error', (error) => archive.destroy(unreadable(name, error)));
  try {
    await append(archive, file, source);
  } finally {
    // Closes the file when the archive failed before the end of the file.
    source.destroy();
  }
  return { path: file.path, mode: file.mode, bytes: meter.bytes, sha256: meter.digest() };
}

async function append(
  archive: ZipArchive,
  { path, mode, bytes }: PackedFile,
  source: Buffer | Readable,
): Promise<void> {
  const appended = once(archive, 'entry');
  archive.append(source, {
    name: path,
    mode,
    date: entryDate,
    store: bytes < smallestDeflatedBytes,
  });
  await appended;
}

/**
 * Writes the output of the archive to a file. The writes are synchronous: the system copies a
 * megabyte into its memory sooner than a trip to the thread pool takes.
 */
async function writeArchive(
  archive: ZipArchive,
  target: string,
): Promise<Pick<Artifact, 'size' | 'sha256'>> {
  const meter = new Meter();
  await pipeline(archive, async (chunks: AsyncIterable<Buffer>) => {
    const file = openSync(target, 'w', 0o644);
    try {
      for await (const block of inBlocks(chunks)) {
        meter.add(block);
        writeFileSync(file, block);
      }
    } finally {
      closeSync(file);
    }
  });
  return { size: meter.bytes, sha256: meter.digest() };
}

function sizeOf(content: BundleFile['content']): number {
  return 'bytes' in content ? content.bytes.byteLength : statSync(content.copyFrom).size;
}

/** Runs `read`, and adds the name of the function to the error of a file that cannot be read. */
function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!('code' in error) || !('path' in error)) return error;
  return new BgfnError(
    'FILE_UNREADABLE',
    `The function "${name}" needs ${String(error.path)}, ` +
      `which cannot be read (${String(error.code)}).`,
    { cause: error },
  );
}
