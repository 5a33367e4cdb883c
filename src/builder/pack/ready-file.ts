import { readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createDeflateRaw, deflateRaw } from 'node:zlib';
import { sha256Of } from '../../files/sha256.ts';
import { Semaphore } from '../bundle/concurrency/semaphore.ts';
import { measured, Meter } from './chunks.ts';
import { compressionLevelOf } from './compression-level.ts';

/** The bytes of a file as an entry of a zip has them, and what the zip says about them. */
export interface ReadyFile {
  /** Deflated if `isDeflated`. */
  readonly packed: Buffer;
  readonly isDeflated: boolean;
  /** Bytes of the file. */
  readonly bytes: number;
  readonly crc32: number;
  /** Digest of the file's bytes, hex. */
  readonly sha256: string;
}

/** Smaller files are stored without compression. */
const smallestDeflatedBytes = 128;

/** Larger files are read in parts, so that only what deflate leaves of them is in memory. */
const wholeFileBytes = 1024 * 1024;
/** Limits the large files that are deflated at once, each of which keeps a processor busy. */
const largeFiles = new Semaphore(availableParallelism());

/** How many bytes one read and one output chunk of deflate have: each is a trip to the thread pool. */
const readBytes = 256 * 1024;
const chunkSize = 64 * 1024;

const deflate = promisify(deflateRaw);

/** Deflates bytes, unless that makes them larger. */
export async function readyFileOf(bytes: Uint8Array): Promise<ReadyFile> {
  const { buffer, byteOffset, byteLength } = bytes;
  const source = Buffer.from(buffer, byteOffset, byteLength);
  const facts = { bytes: byteLength, crc32: crc32(source), sha256: sha256Of(source) };
  if (byteLength < smallestDeflatedBytes) return { packed: source, isDeflated: false, ...facts };
  const deflated = await deflate(source, { level: compressionLevelOf(source), chunkSize });
  const isDeflated = deflated.byteLength < byteLength;
  return { packed: isDeflated ? deflated : source, isDeflated, ...facts };
}

/**
 * Reads a file and deflates it. A large file is read in parts.
 *
 * @throws {Error} The system error of a file that cannot be read
 */
export async function readyFileAt(file: string): Promise<ReadyFile> {
  if (statSync(file).size <= wholeFileBytes) return readyFileOf(readFileSync(file));
  using _place = await largeFiles.acquire();
  const meter = new Meter();
  const handle = await open(file);
  try {
    const start = Buffer.alloc(wholeFileBytes);
    await handle.read(start, 0, start.byteLength, 0);
    const level = compressionLevelOf(start);
    const packed: Buffer[] = [];
    await pipeline(
      handle.createReadStream({ start: 0, highWaterMark: readBytes }),
      (chunks: AsyncIterable<Buffer>) => measured(chunks, meter),
      createDeflateRaw({ level, chunkSize }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) packed.push(chunk);
      },
    );
    return {
      packed: Buffer.concat(packed),
      isDeflated: true,
      bytes: meter.bytes,
      crc32: meter.crc32,
      sha256: meter.digest(),
    };
  } finally {
    await handle.close();
  }
}
