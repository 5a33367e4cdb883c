import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ZipArchive } from 'archiver';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { BundleFile } from '../bundle/contract/bundle.ts';
import type { Artifact, WrittenZip } from './artifact.ts';
import { inBlocks, Meter } from './chunks.ts';
import { byPath, contentDigestOf, type DigestedFile } from './content-digest.ts';
import { checkEntryPaths } from './entry-paths.ts';
import { ReadyArchive } from './ready-archive.ts';
import { readyFileOf, type ReadyFile } from './ready-file.ts';
import type { ReadyFiles } from './ready-files.ts';
import { sizeWarnings, type SizedFile } from './size-limits.ts';

/** How many bytes of files are deflated ahead of the file that is written. */
const aheadBytes = 4 * 1024 * 1024;
const mostAhead = 16;

/**
 * Writes the files as a zip to `target`.
 *
 * @throws {BgfnError} `ARTIFACT_PATH_CONFLICT` or `FILE_UNREADABLE`
 */
export async function writeZip(
  name: string,
  files: readonly BundleFile[],
  { target, readyFiles }: ZipTarget,
): Promise<WrittenZip & { readonly entries: readonly WrittenEntry[] }> {
  const sorted = reading(name, () =>
    files
      .toSorted(byPath)
      .map(({ path, mode, content }) => ({ path, mode, content, bytes: sizeOf(content) })),
  );
  checkEntryPaths(name, sorted);
  const archive = new ReadyArchive();
  const [entries, zip] = await Promise.all([
    appendFiles(name, archive, { files: sorted, readyFiles }),
    writeArchive(archive, target),
  ]);
  return {
    ...zip,
    entries,
    unzippedSize: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    contentDigest: contentDigestOf(entries),
    warnings: sizeWarnings(name, zip.size, entries),
  };
}

export interface ZipTarget {
  /** The file to write. */
  readonly target: string;
  readonly readyFiles: ReadyFiles;
}

type PackedFile = BundleFile & SizedFile;

/** A file in a written zip. */
export interface WrittenEntry extends DigestedFile, SizedFile {
  readonly content: BundleFile['content'];
  readonly ready: ReadyFile;
  /** Position of the packed bytes in the zip. */
  readonly position: number;
}

interface FilesToAppend {
  readonly files: readonly PackedFile[];
  readonly readyFiles: ReadyFiles;
}

/** Appends the files one after the other, while those that follow are deflated. */
async function appendFiles(
  name: string,
  archive: ReadyArchive,
  { files, readyFiles }: FilesToAppend,
): Promise<WrittenEntry[]> {
  const entries: WrittenEntry[] = [];
  try {
    const prepared = preparedInOrder(files, ({ content }) =>
      'bytes' in content ? readyFileOf(content.bytes) : readyFiles.ready(content.copyFrom),
    );
    for await (const [{ path, mode, content }, ready] of prepared) {
      const position = await archive.appendReady(path, mode, ready);
      const { bytes, sha256 } = ready;
      entries.push({ path, mode, content, bytes, sha256, ready, position });
    }
    await archive.finalize();
    return entries;
  } catch (error) {
    const failure = unreadable(name, error);
    // Makes `writeArchive` fail too: otherwise it would wait for the end of the archive.
    archive.destroy(failure);
    throw failure;
  }
}

/** Prepares files ahead of their turn, and yields them in their order. */
async function* preparedInOrder(
  files: readonly PackedFile[],
  prepare: (file: PackedFile) => Promise<ReadyFile>,
): AsyncGenerator<readonly [PackedFile, ReadyFile]> {
  const started: Promise<ReadyFile>[] = [];
  let ahead = 0;
  for (const [index, file] of files.entries()) {
    for (const next of files.slice(started.length, index + mostAhead)) {
      if (started.length > index && ahead + next.bytes > aheadBytes) break;
      const prepared = prepare(next);
      // An earlier file may fail first, and nobody waits for this one then.
      prepared.catch(() => undefined);
      started.push(prepared);
      ahead += next.bytes;
    }
    const ready = await started[index];
    if (ready === undefined) throw new Error(`${file.path} was not prepared.`);
    yield [file, ready];
    ahead -= file.bytes;
  }
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
