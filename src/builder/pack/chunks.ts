import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Counts and digests bytes. */
export class Meter {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #crc32 = 0;

  add(chunk: Buffer): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
    this.#crc32 = crc32(chunk, this.#crc32);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get crc32(): number {
    return this.#crc32;
  }

  /** Returns the sha256 in hex. Can be called only once, after the last chunk. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Passes chunks through and adds them to the meter. */
export async function* measured(
  chunks: AsyncIterable<Buffer>,
  meter: Meter,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    meter.add(chunk);
    yield chunk;
  }
}

/** How many bytes are gathered before they are written. */
const blockBytes = 256 * 1024;

/** Joins small chunks: even an entry of a few bytes is several chunks. */
export async function* inBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  for await (const chunk of chunks) {
    if (chunk.byteLength >= blockBytes && gathered.length > 0) {
      yield joined(gathered);
      gathered = [];
      gatheredBytes = 0;
    }
    gathered.push(chunk);
    gatheredBytes += chunk.byteLength;
    if (gatheredBytes >= blockBytes) {
      yield joined(gathered);
      gathered = [];
      gatheredBytes = 0;
    }
  }
  yield joined(gathered);
}

/** A large chunk is alone in its block, and is not copied. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first, second] = chunks;
  return first !== undefined && second === undefined ? first : Buffer.concat(chunks);
}
