import { createWriteStream } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf, systemErrorCode } from '../../diagnostic/system-error.ts';
import { replaceFile } from '../../files/replace-file.ts';

/**
 * What a zip may unpack to. AWS Lambda refuses more than 250 MB unzipped; nobody needs more files
 * than this.
 */
export interface ExtractLimits {
  readonly totalBytes: number;
  readonly entries: number;
}

const defaultExtractLimits: ExtractLimits = { totalBytes: 512 * 1024 * 1024, entries: 100_000 };

const fileTypeMask = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;
const madeByUnix = 3;
/** Long enough for any real path, short enough for every file system. */
const maxPathBytes = 1024;

/**
 * Unpacks a zip into `target` and resolves when all of it is there. `target` appears in one rename:
 * it is complete or absent; one that is there already is kept (its name carries the digest of the
 * zip).
 *
 * No entry can leave the directory: absolute paths, drive letters, backslashes, `..`, NUL, symbolic
 * links, devices, duplicates and files used as directories are refused, and every file is opened
 * with `O_EXCL`. The sizes in the zip's own index are added up before a byte is unpacked and
 * enforced while unpacking. Modes become 0755 or 0644.
 *
 * @throws BgfnError ARTIFACT_UNSAFE or ARTIFACT_CORRUPT, naming the zip and the entry;
 *   EXTRACT_FAILED when the disk is full or may not be written.
 */
export async function extractZip(
  zip: Buffer,
  label: string,
  target: string,
  limits: ExtractLimits = defaultExtractLimits,
): Promise<void> {
  if (await exists(target)) return;
  try {
    // A temporary directory that cannot be removed after a failure is left to the housekeeping.
    await replaceFile(target, async (temporaryDirectory) => {
      await mkdir(temporaryDirectory);
      await unpack(zip, label, temporaryDirectory, limits);
    });
  } catch (error) {
    // Another process may have extracted the same zip meanwhile: its directory is as good as ours.
    if (await exists(target)) return;
    throw systemErrorCode(error) === undefined || error instanceof BgfnError
      ? error
      : cannotWrite(target, error);
  }
}

async function unpack(
  zip: Buffer,
  label: string,
  root: string,
  limits: ExtractLimits,
): Promise<void> {
  const file = await openZip(zip, label);
  const plan = await readPlan(file, label, limits);
  const made = new Set<string>();
  for (const { path, entry, executable } of plan) {
    const destination = join(root, path);
    // The plan holds checked relative paths only; this is the second lock on the same door.
    if (!destination.startsWith(root + sep)) {
      throw unsafe(label, path, 'it would land outside its directory');
    }
    if (!made.has(dirname(destination))) {
      await mkdir(dirname(destination), { recursive: true });
      made.add(dirname(destination));
    }
    try {
      const content: Readable = await file.openReadStreamPromise(entry);
      await pipeline(
        content,
        createWriteStream(destination, { flags: 'wx', mode: executable ? 0o755 : 0o644 }),
      );
    } catch (error) {
      throw corrupt(label, error, path);
    }
  }
}

interface PlannedFile {
  readonly path: string;
  readonly entry: Entry;
  readonly executable: boolean;
}

/** Reads the whole index and refuses the zip before anything is written. */
async function readPlan(
  file: ZipFile,
  label: string,
  limits: ExtractLimits,
): Promise<readonly PlannedFile[]> {
  if (file.entryCount > limits.entries) {
    throw unsafe(
      label,
      undefined,
      `it has ${file.entryCount} entries, more than ${limits.entries}`,
    );
  }
  const plan: PlannedFile[] = [];
  const files = new Set<string>();
  const directories = new Set<string>();
  let totalBytes = 0;
  try {
    for await (const entry of file.eachEntry()) {
      const path = checkedPath(entry, label);
      const isDirectory = entry.fileName.endsWith('/');
      checkType(entry, isDirectory, label);
      if (files.has(path) || (!isDirectory && directories.has(path))) {
        throw unsafe(label, entry.fileName, 'the same path is there twice');
      }
      for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
        const parent = path.slice(0, slash);
        if (files.has(parent)) {
          throw unsafe(label, entry.fileName, 'a file on its way is used as a directory');
        }
        directories.add(parent);
      }
      if (isDirectory) {
        directories.add(path);
        continue;
      }
      files.add(path);
      totalBytes += entry.uncompressedSize;
      if (totalBytes > limits.totalBytes) {
        throw unsafe(label, entry.fileName, `it unpacks to more than ${limits.totalBytes} bytes`);
      }
      plan.push({ path, entry, executable: (unixMode(entry) & 0o111) !== 0 });
    }
  } catch (error) {
    throw corrupt(label, error);
  }
  return plan;
}

/**
 * The entry's path without a slash at the end. yauzl, strict, has refused backslashes, drive
 * letters, leading slashes and `..` already.
 */
function checkedPath(entry: Entry, label: string): string {
  const path = entry.fileName.endsWith('/') ? entry.fileName.slice(0, -1) : entry.fileName;
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw unsafe(label, entry.fileName, 'its path has an empty, "." or ".." part');
  }
  if (path.includes('\0') || path.includes('\\') || path.includes(':')) {
    throw unsafe(label, entry.fileName, 'its path has a NUL, "\\" or ":"');
  }
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw unsafe(label, `${path.slice(0, 80)}…`, `its path is longer than ${maxPathBytes} bytes`);
  }
  return path;
}

function checkType(entry: Entry, isDirectory: boolean, label: string): void {
  if (entry.isEncrypted()) throw unsafe(label, entry.fileName, 'it is encrypted');
  const type = unixMode(entry) & fileTypeMask;
  if (type === 0 || type === (isDirectory ? directory : regularFile)) return;
  throw unsafe(
    label,
    entry.fileName,
    'it is neither a file nor a directory (symbolic links and devices are not extracted)',
  );
}

function unixMode(entry: Entry): number {
  return entry.versionMadeBy >>> 8 === madeByUnix ? entry.externalFileAttributes >>> 16 : 0;
}

async function openZip(zip: Buffer, label: string): Promise<ZipFile> {
  try {
    return await fromBufferPromise(zip, { strictFileNames: true, validateEntrySizes: true });
  } catch (error) {
    throw corrupt(label, error);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function unsafe(label: string, entry: string | undefined, reason: string): BgfnError {
  const what = entry === undefined ? label : `${label}: the entry ${JSON.stringify(entry)}`;
  return new BgfnError('ARTIFACT_UNSAFE', `${what} is refused: ${reason}.`, {
    hint: 'Nothing of this zip was extracted. Build the functions again with bgfn build; do not run zips from a source you do not trust.',
  });
}

function cannotWrite(target: string, error: unknown): BgfnError {
  return new BgfnError(
    'EXTRACT_FAILED',
    `The functions cannot be unpacked into ${dirname(target)}: ${messageOf(error)}.`,
    {
      kind: 'config',
      hint: 'Make room there or make it writable, or put the store (--store), beside which functions are unpacked, somewhere else.',
      cause: error,
    },
  );
}

/**
 * An error of the zip reader, or one of ours passed through. Errors of the disk (ENOSPC, EACCES)
 * stay what they are.
 */
function corrupt(label: string, error: unknown, entry?: string): unknown {
  if (error instanceof BgfnError) return error;
  const isSystemError = error instanceof Error && 'syscall' in error;
  if (isSystemError) return error;
  const where = entry === undefined ? label : `${label}: the entry ${JSON.stringify(entry)}`;
  return new BgfnError('ARTIFACT_CORRUPT', `${where} cannot be unpacked: ${messageOf(error)}.`, {
    hint: 'Build the functions again with bgfn build.',
    cause: error,
  });
}
