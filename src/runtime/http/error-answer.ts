import type { ServerResponse } from 'node:http';

/** An answer of the runtime's own, in the form Netlify gives to errors of functions. */
export interface ErrorAnswer {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
  /** Stack lines; only where a developer is the caller. */
  readonly trace?: readonly string[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Header that carries the invocation id, on every answer that has one. */
export const requestIdHeader = 'x-nf-request-id';

/** Writes `answer` as JSON. Does nothing once a head was sent or the caller is gone. */
export function sendError(response: ServerResponse, answer: ErrorAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { errorType, errorMessage, trace } = answer;
  const body = Buffer.from(
    `${JSON.stringify({ errorType, errorMessage, ...(trace === undefined ? {} : { trace }) })}\n`,
  );
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': body.length,
  });
  response.end(body);
}
