import type { IncomingMessage } from 'node:http';

/**
 * How reading a request's body ended. `aborted`: the caller went away, or broke the chunk coding.
 * `overloaded`: it is within its limit, but the bodies of all requests together are not within
 * theirs.
 */
export type BodyResult =
  | { readonly kind: 'complete'; readonly body: Buffer }
  | { readonly kind: 'too-large' | 'aborted' | 'overloaded' };

/**
 * What the bodies held in memory may have together, over all requests; or, in another one, all
 * answers.
 */
export interface BodyBudget {
  /** A share for one of them; `release` gives back all that it took. */
  open(): BodyShare;
}

export interface BodyShare {
  take(bytes: number): boolean;
  release(): void;
}

export function createBodyBudget(totalBytes: number): BodyBudget {
  let used = 0;
  return {
    open() {
      let mine = 0;
      return {
        take(bytes) {
          if (used + bytes > totalBytes) return false;
          used += bytes;
          mine += bytes;
          return true;
        },
        release() {
          used -= mine;
          mine = 0;
        },
      };
    },
  };
}

const empty: BodyResult = { kind: 'complete', body: Buffer.alloc(0) };

/** Whether the request says itself that it is too large: then nothing is read of it. */
export function declaresMoreThan(request: IncomingMessage, limit: number): boolean {
  const declared = request.headers['content-length'];
  return declared !== undefined && Number(declared) > limit;
}

/** Reads up to `limit` bytes, each of them taken from `share` when there is one. Never rejects. */
export function readBody(
  request: IncomingMessage,
  limit: number,
  share?: BodyShare,
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
      // The rest is thrown away.
      if (refused) return;
      size += chunk.length;
      if (size > limit) refuse('too-large');
      else if (share?.take(chunk.length) === false) refuse('overloaded');
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (!refused) {
        resolve({
          kind: 'complete',
          body:
            chunks.length === 1 && chunks[0] !== undefined
              ? chunks[0]
              : Buffer.concat(chunks, size),
        });
      }
    });
    // After the end it changes nothing any more.
    request.on('close', () => resolve({ kind: 'aborted' }));
    // 'close' follows; without a listener an error here would end the process.
    request.on('error', () => {});
  });
}
