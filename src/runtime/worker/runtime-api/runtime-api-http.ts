import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GivenInvocation } from './given-invocation.ts';

/** The error type that a runtime says in a header, beside the one of its error document. */
export function errorTypeOf(request: IncomingMessage): string | undefined {
  const value = request.headers['lambda-runtime-function-error-type'];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Calls `done` once with the whole body, or with `undefined` as soon as it is larger than allowed;
 * the rest is then dropped.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer | undefined, size?: number) => void,
): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) {
    done(undefined, declared);
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
      done(undefined);
    } else {
      chunks.push(chunk);
    }
  });
  request.on('end', () => {
    const [first] = chunks;
    if (!tooLarge) done(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
}

/** Answers a worker that has asked for its next invocation. */
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

/** Answers a response or an error report that has been read. */
export function accept(response: ServerResponse): void {
  response.writeHead(202, acceptedHeaders);
  response.end(acceptedBody);
}

/** Refuses a call that the worker may make, but not now. */
export function outOfOrder(request: IncomingMessage, response: ServerResponse): void {
  refuse(request, response, 403, 'InvalidStateTransition', 'State transition is not allowed');
}

/** Answers with an error document; what is left of the request is dropped. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
): void {
  request.resume();
  const body = JSON.stringify({ errorMessage: message, errorType: type });
  response.writeHead(status, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
  ]);
  response.end(body);
}
