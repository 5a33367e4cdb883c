import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { BundleFile } from '../bundle/contract/bundle.ts';
import type { Artifact } from './artifact.ts';
import { compress } from './compress.ts';
import { byPath, contentDigestOf, sha256Of, type DigestedFile } from './content-digest.ts';
import { checkUnzippedSize, checkZipSize, type SizedFile } from './size-limits.ts';
import { directory, localHeader, type WrittenEntry, type ZipEntry } from './zip-format.ts';

/** How far compression runs ahead of writing, in files and in their bytes. */
const filesAhead = 8;
const bytesAhead = 32 * 1024 * 1024;

/** What is smaller is read at once: four hand-overs to the thread pool cost more. */
const pooledReadBytes = 64 * 1024;

/** What is gathered before it is written. */
const chunkBytes = 1024 * 1024;

/** Writes the files as a zip to `target`. Few of them are in memory at a time. */
export async function writeZip(
  name: string,
  files: readonly BundleFile[],
  target: string,
): Promise<Omit<Artifact, 'file'>> {
  const sorted = files
    .toSorted(byPath)
    .map(({ path, mode, content }) => ({ path, mode, content, bytes: sizeOf(name, content) }));
  checkPaths(name, sorted);
  checkUnzippedSize(name, sorted);
  const writer = new ZipWriter(target);
  const digested: DigestedFile[] = [];
  let unzippedSize = 0;
  try {
    for await (const { entry, sha256 } of compressInOrder(name, sorted)) {
      writer.add(entry);
      digested.push({ path: entry.path, mode: entry.mode, sha256 });
      unzippedSize += entry.uncompressedSize;
    }
    writer.finish();
  } finally {
    writer.close();
  }
  checkZipSize(name, writer.size, sorted);
  return {
    size: writer.size,
    unzippedSize,
    sha256: writer.digest(),
    contentDigest: contentDigestOf(digested),
  };
}

type PackedFile = BundleFile & SizedFile;

/** Compresses some files ahead, so that large ones are deflated side by side in the thread pool. */
async function* compressInOrder(
  name: string,
  files: readonly PackedFile[],
): AsyncGenerator<CompressedFile> {
  const ahead: { readonly file: PackedFile; readonly compressed: Promise<CompressedFile> }[] = [];
  let bytes = 0;
  const queue = files.values();
  let next = queue.next();
  while (next.done !== true || ahead.length > 0) {
    while (
      next.done !== true &&
      ahead.length < filesAhead &&
      (ahead.length === 0 || bytes + next.value.bytes <= bytesAhead)
    ) {
      const compressed = compressFile(name, next.value);
      // Whoever waits for it gets the error; nobody does once an earlier one failed.
      compressed.catch(() => undefined);
      ahead.push({ file: next.value, compressed });
      bytes += next.value.bytes;
      next = queue.next();
    }
    const first = ahead.shift();
    if (first === undefined) return;
    yield await first.compressed;
    bytes -= first.file.bytes;
  }
}

interface CompressedFile {
  readonly entry: ZipEntry;
  readonly sha256: string;
}

async function compressFile(name: string, file: PackedFile): Promise<CompressedFile> {
  const bytes = await bytesOf(name, file);
  const sha256 = sha256Of(bytes);
  return { entry: { path: file.path, mode: file.mode, ...(await compress(bytes)) }, sha256 };
}

async function bytesOf(name: string, { content, bytes }: PackedFile): Promise<Uint8Array> {
  if ('bytes' in content) return content.bytes;
  try {
    return bytes < pooledReadBytes
      ? readFileSync(content.copyFrom)
      : await readFile(content.copyFrom);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * Puts entries one after another into a file, and remembers what its directory has to say. It does
 * not wait for the disk: a write of a megabyte ends in the system's memory sooner than a hand-over
 * to the thread pool.
 */
class ZipWriter {
  readonly #hash = createHash('sha256');
  readonly #written: WrittenEntry[] = [];
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  readonly #file: number;
  #size = 0;

  constructor(target: string) {
    this.#file = openSync(target, 'w', 0o644);
  }

  /** Bytes so far, those included that are not in the file yet. */
  get size(): number {
    return this.#size;
  }

  add(entry: ZipEntry): void {
    const { data, ...written } = entry;
    this.#written.push({ ...written, compressedSize: data.byteLength, offset: this.#size });
    this.#gather(localHeader(entry));
    this.#gather(data);
    if (this.#gatheredBytes >= chunkBytes) this.#flush();
  }

  finish(): void {
    this.#gather(directory(this.#written, this.#size));
    this.#flush();
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Sha256 of all that was written, hex. Asked once. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  #gather(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.byteLength;
    this.#gatheredBytes += bytes.byteLength;
    this.#gathered.push(bytes);
  }

  #flush(): void {
    // One buffer: of several ones, a short write would have to be sorted out by hand.
    writeFileSync(this.#file, Buffer.concat(this.#gathered));
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }
}

function sizeOf(name: string, content: BundleFile['content']): number {
  if ('bytes' in content) return content.bytes.byteLength;
  try {
    return statSync(content.copyFrom).size;
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return error;
  return new BgfnError(
    'FILE_UNREADABLE',
    `The function "${name}" needs ${String(error.path)}, which cannot be read (${String(error.code)}).`,
    { cause: error },
  );
}

/** Two files of one path, or a path that leaves the artifact, is a bundle nobody can unzip safely. */
function checkPaths(name: string, sorted: readonly BundleFile[]): void {
  for (const [index, { path }] of sorted.entries()) {
    if (sorted[index - 1]?.path === path) {
      throw new BgfnError(
        'ARTIFACT_PATH_CONFLICT',
        `The function "${name}" has two files for "${path}" in its artifact.`,
      );
    }
    if (
      path === '' ||
      path.startsWith('/') ||
      path.includes('\\') ||
      path.split('/').some((part) => part === '..' || part === '.' || part === '')
    ) {
      throw new BgfnError(
        'ARTIFACT_PATH_CONFLICT',
        `The function "${name}" has a file whose path leaves its artifact: "${path}".`,
        {
          hint: 'Include only files inside the project.',
        },
      );
    }
  }
}
