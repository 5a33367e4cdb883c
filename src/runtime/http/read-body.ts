import type { IncomingMessage } from 'node:http';
import type { ByteShare } from './byte-budget.ts';

/**
 * The result of reading a request's body. `aborted`: the caller disconnected or sent invalid
 * chunks. `overloaded`: the body is within its limit, but the bodies of all requests together
 * exceed theirs.
 */
export type BodyResult =
  | { readonly kind: 'complete'; readonly body: Buffer }
  | { readonly kind: 'too-large' | 'aborted' | 'overloaded' };

const empty: BodyResult = { kind: 'complete', body: Buffer.alloc(0) };

/** Whether the declared length exceeds the limit, so that the body need not be read. */
export function declaresMoreThan(request: IncomingMessage, limit: number): boolean {
  const declared = request.headers['content-length'];
  return declared !== undefined && Number(declared) > limit;
}

/** Reads up to `limit` bytes, which are taken from `share` if it is given. Never rejects. */
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
      // The rest of a refused body is read and discarded.
      if (refused) return;
      size += chunk.length;
      if (size > limit) refuse('too-large');
      else if (share?.take(chunk.length) === false) refuse('overloaded');
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (!refused) resolve({ kind: 'complete', body: joined(chunks, size) });
    });
    // Has no effect after 'end', because the promise is resolved by then.
    request.on('close', () => resolve({ kind: 'aborted' }));
    // Without a listener an error would end the process. 'close' follows and resolves the promise.
    request.on('error', () => {});
  });
}

/** Joins the chunks. A single chunk, as most bodies have, is not copied. */
function joined(chunks: readonly Buffer[], size: number): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
}
