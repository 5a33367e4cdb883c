import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteBudget } from './byte-budget.ts';
import { requestIdHeader } from './error-answer.ts';
import type { ProxyResponse, CheckedHead } from './proxy-result.ts';

/**
 * The longest response that is not counted against the budget, bytes. One for each possible
 * connection takes little memory in total, and small responses stay possible when large ones have
 * used up the budget.
 */
const uncountedAnswerBytes = 65_536;

/**
 * Writes a buffered response of a function. Returns false, with nothing sent, if `unread` has no
 * room for the response until the caller has read it.
 */
export function sendResponse(
  response: ServerResponse,
  { statusCode, headers, body }: ProxyResponse,
  unread: ByteBudget,
  invocationId: string,
): boolean {
  if (response.destroyed) return true;
  const rawHeaders = rawHeadersOf(headers, invocationId);
  // 204 and 304 have no body by definition; a Content-Length on them would confuse caches.
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
  // If the first bytes are available already, the head is sent together with them. Otherwise the
  // head is sent alone, since an event stream may have no bytes for a long time.
  setImmediate(() => {
    if (!response.destroyed && !response.writableEnded) response.flushHeaders();
  });
  try {
    await pipeline(Readable.fromWeb(body), response);
  } catch {
    // The caller disconnected, or the worker died in the middle. `pipeline` has destroyed both
    // ends, so the caller sees a broken response and not a short one that looks complete. The
    // reason is in the end of the run.
  }
}

function rawHeadersOf(headers: CheckedHead['headers'], invocationId: string): string[] {
  const raw: string[] = [];
  for (const [name, value] of headers) raw.push(name, value);
  raw.push(requestIdHeader, invocationId);
  return raw;
}

/** Takes the bytes from `unread` until the response closes. Returns false if there is no room. */
function holdUntilSent(bytes: number, response: ServerResponse, unread: ByteBudget): boolean {
  const share = unread.open();
  if (!share.take(bytes)) return false;
  response.once('close', () => share.release());
  return true;
}
