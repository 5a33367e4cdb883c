import type { Entry, ZipFile } from 'yauzl';
import { corruptZip, unsafeZip } from './zip-errors.ts';

/**
 * Limits of the unpacked content of a zip. For comparison: AWS Lambda refuses more than 250 MB
 * unzipped.
 */
export interface ExtractLimits {
  readonly totalBytes: number;
  readonly entries: number;
}

export interface PlannedFile {
  /** A checked path, which stays inside the directory that it is joined to. */
  readonly relativePath: string;
  readonly entry: Entry;
  readonly isExecutable: boolean;
}

const fileTypeMask = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;
const madeByUnix = 3;
/** The maximum length of a path: long enough for all real paths, short enough for every file system. */
const maxPathBytes = 1024;

/**
 * Reads the whole index of a zip, so that an unsafe zip is refused before anything is written.
 *
 * @param label The name of the zip in errors
 * @throws {BgfnError} `ARTIFACT_UNSAFE` or `ARTIFACT_CORRUPT`
 */
export async function planExtraction(
  file: ZipFile,
  label: string,
  limits: ExtractLimits,
): Promise<readonly PlannedFile[]> {
  if (file.entryCount > limits.entries) {
    const reason = `it has ${file.entryCount} entries, more than ${limits.entries}`;
    throw unsafeZip(label, undefined, reason);
  }
  const plan: PlannedFile[] = [];
  const tree = new PlannedTree();
  let totalBytes = 0;
  try {
    for await (const entry of file.eachEntry()) {
      const relativePath = checkedPath(entry, label);
      const isDirectory = entry.fileName.endsWith('/');
      checkType(entry, isDirectory, label);
      const conflict = tree.add(relativePath, isDirectory);
      if (conflict !== undefined) throw unsafeZip(label, entry.fileName, conflict);
      if (isDirectory) continue;
      totalBytes += entry.uncompressedSize;
      if (totalBytes > limits.totalBytes) {
        const reason = `it unpacks to more than ${limits.totalBytes} bytes`;
        throw unsafeZip(label, entry.fileName, reason);
      }
      plan.push({ relativePath, entry, isExecutable: (unixMode(entry) & 0o111) !== 0 });
    }
  } catch (error) {
    throw corruptZip(label, error);
  }
  return plan;
}

/** The paths planned so far. No two files have the same path, and no file is used as a directory. */
class PlannedTree {
  readonly #files = new Set<string>();
  readonly #directories = new Set<string>();

  /**
   * Adds an entry with its parent directories. Returns the reason if the entry conflicts with an
   * earlier one.
   */
  add(entryPath: string, isDirectory: boolean): string | undefined {
    if (this.#files.has(entryPath) || (!isDirectory && this.#directories.has(entryPath))) {
      return 'the same path is there twice';
    }
    for (const parent of parentsOf(entryPath)) {
      if (this.#files.has(parent)) return 'a file on its way is used as a directory';
      this.#directories.add(parent);
    }
    (isDirectory ? this.#directories : this.#files).add(entryPath);
    return undefined;
  }
}

/** Yields the parent directories of a path: for `a/b/c`, `a` and `a/b`. */
function* parentsOf(entryPath: string): Generator<string> {
  let slash = entryPath.indexOf('/');
  while (slash !== -1) {
    yield entryPath.slice(0, slash);
    slash = entryPath.indexOf('/', slash + 1);
  }
}

/**
 * Returns the path of an entry without a trailing slash. yauzl in its strict mode has already
 * refused backslashes, drive letters, leading slashes and `..`.
 */
function checkedPath(entry: Entry, label: string): string {
  const entryPath = entry.fileName.endsWith('/') ? entry.fileName.slice(0, -1) : entry.fileName;
  const segments = entryPath.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw unsafeZip(label, entry.fileName, 'its path has an empty, "." or ".." part');
  }
  if (entryPath.includes('\0') || entryPath.includes('\\') || entryPath.includes(':')) {
    throw unsafeZip(label, entry.fileName, 'its path has a NUL, "\\" or ":"');
  }
  if (Buffer.byteLength(entryPath) > maxPathBytes) {
    const reason = `its path is longer than ${maxPathBytes} bytes`;
    throw unsafeZip(label, `${entryPath.slice(0, 80)}…`, reason);
  }
  return entryPath;
}

function checkType(entry: Entry, isDirectory: boolean, label: string): void {
  if (entry.isEncrypted()) throw unsafeZip(label, entry.fileName, 'it is encrypted');
  const type = unixMode(entry) & fileTypeMask;
  if (type === 0 || type === (isDirectory ? directory : regularFile)) return;
  throw unsafeZip(
    label,
    entry.fileName,
    'it is neither a file nor a directory (symbolic links and devices are not extracted)',
  );
}

/**
 * Returns the mode of an entry: 0 for an entry that was not created on Unix and therefore has no
 * mode.
 */
function unixMode(entry: Entry): number {
  return entry.versionMadeBy >>> 8 === madeByUnix ? entry.externalFileAttributes >>> 16 : 0;
}
