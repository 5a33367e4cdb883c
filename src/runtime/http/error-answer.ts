import type { ServerResponse } from 'node:http';

/** An answer of the runtime's own, in the form that Netlify gives to errors of functions. */
export interface ErrorAnswer {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
  /** Lines of the stack; only where a developer is the caller. */
  readonly trace?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The header that carries the invocation id, on every answer that has one. */
export const requestIdHeader = 'x-nf-request-id';

/** Writes `answer` as JSON. Does nothing once a head was sent or the caller is gone. */
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
