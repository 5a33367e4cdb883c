import type { Entry, ZipFile } from 'yauzl';
import { corruptZip, unsafeZip } from './zip-errors.ts';

/**
 * What a zip may unpack to. AWS Lambda refuses more than 250 MB unzipped; nobody needs more files
 * than this.
 */
export interface ExtractLimits {
  readonly totalBytes: number;
  readonly entries: number;
}

export interface PlannedFile {
  /** Checked: it stays inside the directory that it is joined to. */
  readonly relativePath: string;
  readonly entry: Entry;
  readonly isExecutable: boolean;
}

const fileTypeMask = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;
const madeByUnix = 3;
/** Long enough for any real path, short enough for every file system. */
const maxPathBytes = 1024;

/**
 * Reads the whole index of a zip, so that an unsafe one is refused before anything is written.
 *
 * @param label Names the zip in errors
 * @throws {BgfnError} `ARTIFACT_UNSAFE`, `ARTIFACT_CORRUPT`
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

/** The paths planned so far: no two files share one, and no file is a directory too. */
class PlannedTree {
  readonly #files = new Set<string>();
  readonly #directories = new Set<string>();

  /** Adds an entry with the directories above it; says why when it cannot be there. */
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

/** `a/b/c` gives `a` and `a/b`. */
function* parentsOf(entryPath: string): Generator<string> {
  let slash = entryPath.indexOf('/');
  while (slash !== -1) {
    yield entryPath.slice(0, slash);
    slash = entryPath.indexOf('/', slash + 1);
  }
}

/**
 * The entry's path without a slash at the end. yauzl in its strict mode has refused backslashes,
 * drive letters, leading slashes and `..` already.
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

/** 0 for an entry that was not made on Unix and so has no mode. */
function unixMode(entry: Entry): number {
  return entry.versionMadeBy >>> 8 === madeByUnix ? entry.externalFileAttributes >>> 16 : 0;
}
