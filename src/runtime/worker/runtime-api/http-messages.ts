import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GivenInvocation } from './given-invocation.ts';

/** One call of the Runtime API whose response is still to be written. */
export interface ApiExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Returns the error type that a runtime sends in a header, besides the type in its error document. */
export function errorTypeOf(request: IncomingMessage): string | undefined {
  const value = request.headers['lambda-runtime-function-error-type'];
  return typeof value === 'string' ? value : undefined;
}

export type RequestBody =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  /** `declaredBytes`: the declared length of the request, if that length was too large already. */
  | { readonly kind: 'too-large'; readonly declaredBytes: number | undefined };

/**
 * Calls `done` once: with the whole body, or as soon as the body is too large. The rest of a body
 * that is too large is dropped.
 */
export function collectBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: RequestBody) => void,
): void {
  const declaredBytes = Number(request.headers['content-length'] ?? 0);
  if (declaredBytes > maxBytes) {
    done({ kind: 'too-large', declaredBytes });
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let tooLarge = false;
  request.on('data', (chunk: Buffer) => {
    if (tooLarge) return;
    size += chunk.length;
    if (size > maxBytes) {
      tooLarge = true;
      chunks.length = 0;
      done({ kind: 'too-large', declaredBytes: undefined });
    } else {
      chunks.push(chunk);
    }
  });
  request.on('end', () => {
    if (tooLarge) return;
    const [first] = chunks;
    const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    done({ kind: 'complete', bytes });
  });
}

/** Sends a worker the invocation that it asked for. */
export function give(response: ServerResponse, { headers, payload }: GivenInvocation): void {
  response.writeHead(200, [...headers]);
  response.end(payload);
}

const acceptedBody = '{"status":"OK"}';
const acceptedHeaders = [
  'Content-Type',
  'application/json',
  'Content-Length',
  String(acceptedBody.length),
];

/** Confirms a response or an error report that was read. */
export function sendAccepted(response: ServerResponse): void {
  response.writeHead(202, acceptedHeaders);
  response.end(acceptedBody);
}

/** Refuses a call that is valid, but not in the current state. */
export function refuseOutOfOrder(exchange: ApiExchange): void {
  refuse(exchange, {
    status: 403,
    type: 'InvalidStateTransition',
    message: 'State transition is not allowed',
  });
}

/** Responds with an error document and drops the rest of the request. */
export function refuse(
  { request, response }: ApiExchange,
  error: { readonly status: number; readonly type: string; readonly message: string },
): void {
  request.resume();
  const body = JSON.stringify({ errorMessage: error.message, errorType: error.type });
  response.writeHead(error.status, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
  ]);
  response.end(body);
}
