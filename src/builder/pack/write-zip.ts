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
import type { Artifact } from './artifact.ts';
import { inBlocks, measured, Meter } from './chunks.ts';
import { compressionLevelOf } from './compression-level.ts';
import { byPath, contentDigestOf, type DigestedFile } from './content-digest.ts';
import { checkEntryPaths } from './entry-paths.ts';
import { checkUnzippedSize, checkZipSize, type SizedFile } from './size-limits.ts';

/** The first day that the date of an entry can hold. archiver writes dates in UTC. */
const entryDate = new Date(Date.UTC(1980, 0, 1));

/**
 * Files below this are stored: deflate saves less than the 16 bytes of the record that archiver
 * writes behind a deflated entry.
 */
const deflatedBytes = 128;

/** Larger files are streamed, so that only parts of them are in memory. */
const wholeFileBytes = 1024 * 1024;

/** How much is read, and how much deflate gives at a time. Each piece is a trip to the thread pool. */
const readBytes = 256 * 1024;
const chunkSize = 64 * 1024;

/** Writes the files as a zip to `target`. Throws what `pack` throws for a bundle of files. */
export async function writeZip(
  name: string,
  files: readonly BundleFile[],
  target: string,
): Promise<Omit<Artifact, 'file'>> {
  const sorted = reading(name, () =>
    files
      .toSorted(byPath)
      .map(({ path, mode, content }) => ({ path, mode, content, bytes: sizeOf(content) })),
  );
  checkEntryPaths(name, sorted);
  checkUnzippedSize(name, sorted);
  const level = reading(name, () => compressionLevelOf(sorted));
  const archive = new ZipArchive({ zlib: { level, chunkSize } });
  const [entries, zip] = await Promise.all([
    appendFiles(name, archive, sorted),
    writeArchive(archive, target),
  ]);
  checkZipSize(name, zip.size, sorted);
  return {
    ...zip,
    unzippedSize: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    contentDigest: contentDigestOf(entries),
  };
}

type PackedFile = BundleFile & SizedFile;
type ZipEntry = DigestedFile & SizedFile;

/** Reads each file once the one before it is in the archive. */
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
    // Ends the writing as well.
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
  // archiver does not notice when a source fails; it would wait for its end.
  source.once('error', (error) => archive.destroy(unreadable(name, error)));
  try {
    await append(archive, file, source);
  } finally {
    // Closes the file when the archive failed before its end.
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
  archive.append(source, { name: path, mode, date: entryDate, store: bytes < deflatedBytes });
  await appended;
}

/**
 * Writes what the archive gives. It does not wait for the disk: a write of a megabyte ends in the
 * system's memory sooner than a trip to the thread pool.
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

/** Runs what reads files of the function and names the function when one cannot be read. */
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
