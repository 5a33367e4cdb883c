import type { IncomingMessage } from 'node:http';
import type { ByteShare } from './byte-budget.ts';

/**
 * How reading a request's body ended. `aborted`: the caller went away, or broke the chunk coding.
 * `overloaded`: the body is within its limit, but the bodies of all requests together are not
 * within theirs.
 */
export type BodyResult =
  | { readonly kind: 'complete'; readonly body: Buffer }
  | { readonly kind: 'too-large' | 'aborted' | 'overloaded' };

const empty: BodyResult = { kind: 'complete', body: Buffer.alloc(0) };

/** Whether the request itself says that it is too large: then nothing of it is read. */
export function declaresMoreThan(request: IncomingMessage, limit: number): boolean {
  const declared = request.headers['content-length'];
  return declared !== undefined && Number(declared) > limit;
}

/** Reads up to `limit` bytes, each of them taken from `share` when there is one. Never rejects. */
export function readBody(
  request: IncomingMessage,
  limit: number,
  share?: ByteShare,
): Promise<BodyResult> {
  if (
    request.headers['content-length'] === undefined &&
    request.headers['transfer-encoding'] === undefined
  ) {
    return Promise.resolve(empty);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (kind: 'too-large' | 'overloaded'): void => {
      refused = true;
      chunks.length = 0;
      resolve({ kind });
    };
    request.on('data', (chunk: Buffer) => {
      // The rest of a refused body is read and thrown away.
      if (refused) return;
      size += chunk.length;
      if (size > limit) refuse('too-large');
      else if (share?.take(chunk.length) === false) refuse('overloaded');
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (!refused) resolve({ kind: 'complete', body: joined(chunks, size) });
    });
    // After 'end' this changes nothing: the promise is resolved.
    request.on('close', () => resolve({ kind: 'aborted' }));
    // 'close' follows; without a listener an error here would end the process.
    request.on('error', () => {});
  });
}

/** Most bodies are one chunk, which is not copied. */
function joined(chunks: readonly Buffer[], size: number): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
}
