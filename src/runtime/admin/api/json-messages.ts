import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError } from '../../http/error-answer.ts';
import { readBody } from '../../http/read-body.ts';

const maxBodyBytes = 1_048_576;

/**
 * Reads the body of a request as text. Resolves with `undefined` if the body is too large, which is
 * answered here, or if the caller disconnected.
 */
export async function readText(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string | undefined> {
  if (request.headers.expect !== undefined) response.writeContinue();
  const result = await readBody(request, maxBodyBytes);
  if (result.kind === 'complete') return result.body.toString('utf8');
  if (result.kind === 'too-large') {
    sendError(response, {
      status: 413,
      errorType: 'PayloadTooLarge',
      errorMessage: `At most ${maxBodyBytes} bytes.`,
      headers: { connection: 'close' },
    });
  }
  return undefined;
}

/** Parses JSON. Returns `undefined` if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': body.length,
  });
  response.end(body);
}
