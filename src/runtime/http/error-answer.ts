import type { ServerResponse } from 'node:http';

/** An error response of the runtime itself, in the form of Netlify's responses for failed functions. */
export interface ErrorAnswer {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
  /** The lines of the stack; only for a developer. */
  readonly trace?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The header with the invocation id, on every response to a call that has an id. */
export const requestIdHeader = 'x-nf-request-id';

/** Writes `answer` as JSON. Does nothing if a head was sent already or the caller is gone. */
export function sendError(response: ServerResponse, answer: ErrorAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { status, errorType, errorMessage, trace, headers } = answer;
  const body = Buffer.from(`${JSON.stringify({ errorType, errorMessage, trace })}\n`);
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': body.length,
  });
  response.end(body);
}
