import { createWriteStream } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromBufferPromise, type ZipFile } from 'yauzl';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf, systemErrorCode } from '../../diagnostic/system-error.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { corruptZip, unsafeZip } from './zip-errors.ts';
import { planExtraction, type ExtractLimits } from './zip-plan.ts';

const defaultExtractLimits: ExtractLimits = { totalBytes: 512 * 1024 * 1024, entries: 100_000 };

/**
 * The limits for a zip whose digest is the manifest's. The size in the manifest counts, too: the
 * build knows how large a function is.
 *
 * @param unzippedSize Bytes of the content, by the manifest
 */
export function extractLimitsFor(unzippedSize: number = 0): ExtractLimits {
  const { totalBytes, entries } = defaultExtractLimits;
  return { totalBytes: Math.max(totalBytes, unzippedSize), entries };
}

/**
 * Unpacks a zip into the directory `target`. `target` is created by one rename, so it is either
 * complete or absent. A directory that exists already is kept, because its name contains the digest
 * of the zip.
 *
 * No entry can be written outside the directory: absolute paths, drive letters, backslashes, `..`,
 * NUL, symbolic links, devices, duplicates and files used as directories are refused, and every
 * file is opened with `O_EXCL`. The sizes in the index of the zip are added up before anything is
 * unpacked, and are enforced while unpacking. Modes become 0755 or 0644.
 *
 * @param label The name of the zip in errors
 * @throws {BgfnError} `ARTIFACT_UNSAFE` or `ARTIFACT_CORRUPT`, naming the zip and the entry;
 *   `EXTRACT_FAILED` if the disk is full or may not be written
 */
export async function extractZip(
  zip: Buffer,
  label: string,
  target: string,
  limits: ExtractLimits = defaultExtractLimits,
): Promise<void> {
  if (await exists(target)) return;
  try {
    // If the temporary directory cannot be removed after a failure, the housekeeping removes it
    // later.
    await replaceFile(target, async (temporaryDirectory) => {
      await mkdir(temporaryDirectory);
      await unpack(zip, label, temporaryDirectory, limits);
    });
  } catch (error) {
    // Another process may have extracted the same zip in the meantime. Its directory has the same
    // content.
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
  const plan = await planExtraction(file, label, limits);
  const made = new Set<string>();
  for (const { relativePath, entry, isExecutable } of plan) {
    const destination = path.join(root, relativePath);
    // The plan contains only paths that were checked. This second check protects the disk if the
    // first one has a bug.
    if (!destination.startsWith(root + path.sep)) {
      throw unsafeZip(label, relativePath, 'it would land outside its directory');
    }
    const parent = path.dirname(destination);
    if (!made.has(parent)) {
      await mkdir(parent, { recursive: true });
      made.add(parent);
    }
    try {
      const content: Readable = await file.openReadStreamPromise(entry);
      const mode = isExecutable ? 0o755 : 0o644;
      await pipeline(content, createWriteStream(destination, { flags: 'wx', mode }));
    } catch (error) {
      throw corruptZip(label, error, relativePath);
    }
  }
}

async function openZip(zip: Buffer, label: string): Promise<ZipFile> {
  try {
    return await fromBufferPromise(zip, { strictFileNames: true, validateEntrySizes: true });
  } catch (error) {
    throw corruptZip(label, error);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function cannotWrite(target: string, error: unknown): BgfnError {
  const directory = path.dirname(target);
  return new BgfnError(
    'EXTRACT_FAILED',
    `The functions cannot be unpacked into ${directory}: ${messageOf(error)}.`,
    {
      kind: 'config',
      hint:
        'Make room there or make it writable, or put the store (--store), ' +
        'beside which functions are unpacked, somewhere else.',
      cause: error,
    },
  );
}
