import { createHash } from 'node:crypto';

/** Counts and digests bytes. */
export class Meter {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sha256 in hex. To be called once, at the end. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The same chunks, counted on their way. */
export async function* measured(
  chunks: AsyncIterable<Buffer>,
  meter: Meter,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    meter.add(chunk);
    yield chunk;
  }
}

/** What is gathered before it is written. */
const blockBytes = 256 * 1024;

/** Puts small chunks together: an entry of a few bytes gives several. */
export async function* inBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  for await (const chunk of chunks) {
    gathered.push(chunk);
    gatheredBytes += chunk.byteLength;
    if (gatheredBytes >= blockBytes) {
      yield Buffer.concat(gathered);
      gathered = [];
      gatheredBytes = 0;
    }
  }
  yield Buffer.concat(gathered);
}
