import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { headersOf, listsOf, pairsOf } from './call.ts';
import {
  fields,
  isFunction,
  isObject,
  type Caller,
  type Fields,
  type LambdaHandler,
} from './types.ts';

/** The object `awslambda` that Lambda's Node runtime defines on `globalThis`. */
export interface StreamingApi {
  readonly streamifyResponse: (
    handler: (event: unknown, stream: NodeJS.WritableStream, context: object) => Promise<void>,
  ) => LambdaHandler;
  readonly HttpResponseStream: {
    from(stream: NodeJS.WritableStream, head: object): NodeJS.WritableStream;
  };
}

/**
 * Returns the streaming API if the platform asks for streams (`BGFN_RESPONSE_MODE=streaming`) and
 * supports them.
 */
export function streamingApi(): StreamingApi | undefined {
  const { awslambda } = fields(globalThis);
  return process.env['BGFN_RESPONSE_MODE'] === 'streaming' && isStreamingApi(awslambda)
    ? awslambda
    : undefined;
}

function isStreamingApi(value: unknown): value is StreamingApi {
  return isFunction(fields(value)['streamifyResponse']);
}

/**
 * Whether `awslambda.streamifyResponse` created the handler. Runtime clients look for the same
 * symbol.
 */
export function isStreamified(handler: unknown): handler is LambdaHandler {
  return isObject(handler) && Symbol.for('aws.lambda.runtime.handler.streaming') in handler;
}

/** Whether a value can be used as a Response. An instance of a library's own class counts too. */
export function isResponse(value: unknown): value is Response {
  return (
    isObject(value) &&
    isFunction(value['arrayBuffer']) &&
    typeof value['status'] === 'number' &&
    isObject(value['headers'])
  );
}

/**
 * Returns the result of a v1 function as a Response, for callers that do not read a proxy result. A
 * result without a status is returned unchanged.
 */
export function responseOfV1(result: unknown): unknown {
  if (!isObject(result) || !result['statusCode']) return result;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result;
  const bytes =
    typeof body === 'string' && body !== ''
      ? Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
      : null;
  return new Response(bytes, {
    status: Number(statusCode),
    headers: headersOf(pairsOf(headers, multiValueHeaders)),
  });
}

/**
 * Reads a response into memory and returns it in the form that the caller's kind of event requires.
 * A body that is not UTF-8 is sent as base64.
 */
export async function bufferedResult(
  response: Response,
  headers: Headers,
  caller: Caller,
): Promise<Fields> {
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    statusCode: response.status,
    ...headerFields(headers, caller),
    ...bodyFields(bytes),
  };
}

/** Returns a body as text if it is UTF-8, otherwise in base64. */
function bodyFields(bytes: Buffer): Fields {
  const isBase64Encoded = !isUtf8(bytes);
  return { body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

/**
 * The maximum size of a response body of a background function that is kept, in bytes: enough for a
 * result, and small enough for a queue.
 */
const keptBodyBytes = 65_536;

/**
 * Returns the part of a background function's response that is kept for its destination: status,
 * content type and body. The body is always read to its end, because its stream may do work while
 * it is read. If the body is too long, only `bodyTooLong: true` is kept instead. A body that was
 * read already or is being read is left out, and this is no failure: a function may read the
 * response of a `fetch(…)` and then return it.
 */
export async function keptResult(response: Response): Promise<Fields> {
  const statusCode = response.status;
  const type = response.headers.get('content-type');
  const head = { statusCode, ...(type === null ? {} : { contentType: type }) };
  if (response.bodyUsed || response.body?.locked) return head;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length <= keptBodyBytes) chunks.push(chunk);
  }
  if (length > keptBodyBytes) return { statusCode, bodyTooLong: true };
  return { ...head, ...bodyFields(Buffer.concat(chunks)) };
}

/**
 * Returns the part of a v1 function's result that is kept for its destination, or undefined if the
 * result has no status. Never throws: the function has succeeded, whatever it returned.
 */
export function keptResultOfV1(result: unknown): Fields | undefined {
  const { statusCode, body, isBase64Encoded } = fields(result);
  if (typeof statusCode !== 'number') return undefined;
  if (typeof body !== 'string') return { statusCode };
  return Buffer.byteLength(body) > keptBodyBytes
    ? { statusCode, bodyTooLong: true }
    : { statusCode, body, isBase64Encoded: isBase64Encoded === true };
}

/**
 * Writes a response to a Lambda response stream while the body of the response arrives. Rejects if
 * the body fails in the middle.
 */
export async function streamResult(
  response: Response,
  headers: Headers,
  stream: NodeJS.WritableStream,
  api: StreamingApi,
): Promise<void> {
  const out = api.HttpResponseStream.from(stream, {
    statusCode: response.status,
    ...headerFields(headers, 'gateway-v2'),
  });
  // The head is sent with the first write, so a response with an empty body needs a write too.
  out.write('');
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
  let isRead = true;
  // bgfn's runtime emits `unread` when the caller has disconnected. The body is cancelled, so that
  // its source stops and the function ends.
  out.once('unread', () => {
    isRead = false;
    body.destroy();
  });
  try {
    // A failed body must not destroy the stream, because the platform reports the error after the
    // bytes that were sent.
    await pipeline(body, out, { end: false });
  } catch (error) {
    if (isRead) throw error;
  }
  out.end();
}

/**
 * Returns headers in the fields where the caller expects them. Only `set-cookie` can have several
 * values, and each kind of caller reads these values from another field.
 */
function headerFields(all: Headers, caller: Caller): Fields {
  if (caller === 'alb-multi') return { multiValueHeaders: listsOf([...all]) };
  // A load balancer without multi-value headers accepts one cookie only, the last one.
  const headers = Object.fromEntries(all);
  const cookies = all.getSetCookie();
  if (caller === 'alb-single' || cookies.length === 0) return { headers };
  delete headers['set-cookie'];
  return caller === 'gateway-v2'
    ? { headers, cookies }
    : { headers, multiValueHeaders: { 'set-cookie': cookies } };
}
