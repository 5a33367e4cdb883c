import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteBudget } from './byte-budget.ts';
import { requestIdHeader } from './error-answer.ts';
import type { ProxyResponse, CheckedHead } from './proxy-result.ts';

/**
 * Smaller answers are not counted: as many as there can be connections take little memory together,
 * and callers of small answers do not suffer from those of large ones.
 */
const uncountedAnswerBytes = 65_536;

/**
 * Writes a whole response of a function. Gives false, with nothing sent, when `unread` has no room
 * to hold it until the caller has read it.
 */
export function sendResponse(
  response: ServerResponse,
  { statusCode, headers, body }: ProxyResponse,
  unread: ByteBudget,
  invocationId: string,
): boolean {
  if (response.destroyed) return true;
  const rawHeaders = rawHeadersOf(headers, invocationId);
  // 204 and 304 have no body by definition; a length there confuses caches.
  const hasBody = statusCode !== 204 && statusCode !== 304;
  const length = hasBody ? Buffer.byteLength(body) : 0;
  if (length > uncountedAnswerBytes && !holdUntilSent(length, response, unread)) return false;
  if (hasBody) rawHeaders.push('content-length', String(length));
  response.writeHead(statusCode, rawHeaders);
  response.end(hasBody ? body : undefined);
  return true;
}

/** Writes a streamed response of a function; resolves when its body has ended or broken. */
export async function sendStream(
  response: ServerResponse,
  { statusCode, headers }: CheckedHead,
  body: ReadableStream<Uint8Array>,
  invocationId: string,
): Promise<void> {
  if (response.destroyed) {
    await body.cancel();
    return;
  }
  response.writeHead(statusCode, rawHeadersOf(headers, invocationId));
  // The head travels with the first bytes when these are here already. If not, it goes alone: a
  // stream of events may have none for a long time.
  setImmediate(() => {
    if (!response.destroyed && !response.writableEnded) response.flushHeaders();
  });
  try {
    await pipeline(Readable.fromWeb(body), response);
  } catch {
    // The caller went away, or the worker died in the middle: `pipeline` has destroyed both ends,
    // so that the caller sees a broken answer and never a short one that looks whole. The end of
    // the run says why.
  }
}

function rawHeadersOf(headers: CheckedHead['headers'], invocationId: string): string[] {
  const raw: string[] = [];
  for (const [name, value] of headers) raw.push(name, value);
  raw.push(requestIdHeader, invocationId);
  return raw;
}

/** Takes the bytes from `unread` until the response closes; false when it has no room for them. */
function holdUntilSent(bytes: number, response: ServerResponse, unread: ByteBudget): boolean {
  const share = unread.open();
  if (!share.take(bytes)) return false;
  response.once('close', () => share.release());
  return true;
}
