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

/** The object `awslambda` that Lambda's streaming mode puts on `globalThis`. */
export interface StreamingApi {
  readonly streamifyResponse: (
    handler: (event: unknown, stream: NodeJS.WritableStream, context: object) => Promise<void>,
  ) => LambdaHandler;
  readonly HttpResponseStream: {
    from(stream: NodeJS.WritableStream, head: object): NodeJS.WritableStream;
  };
}

/**
 * The streaming API when the platform asks for streams (`BGFN_RESPONSE_MODE=streaming`) and offers
 * them.
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

/** Whether `awslambda.streamifyResponse` made the handler: runtime clients look for the same symbol. */
export function isStreamified(handler: unknown): handler is LambdaHandler {
  return isObject(handler) && Symbol.for('aws.lambda.runtime.handler.streaming') in handler;
}

/** Whether a value can be used as a Response: a library's own class counts too. */
export function isResponse(value: unknown): value is Response {
  return (
    isObject(value) &&
    isFunction(value['arrayBuffer']) &&
    typeof value['status'] === 'number' &&
    isObject(value['headers'])
  );
}

/**
 * The result of a v1 function as a Response, for callers that do not read a proxy result; a result
 * without a status is returned as it is.
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
 * A response read into memory, in the form that the caller's kind of event wants. A body that is
 * not UTF-8 is sent as base64.
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

/** A body as text where it is UTF-8, otherwise in base64. */
function bodyFields(bytes: Buffer): Fields {
  const isBase64Encoded = !isUtf8(bytes);
  return { body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

/**
 * Bytes kept of the body of a background function's answer: enough for a result, too little to
 * matter in a queue.
 */
const keptBodyBytes = 65_536;

/**
 * A background function's answer in the form kept for its destination: status, content type and
 * body. The body is always read to its end, because its stream may do work while it is read; when
 * it is longer than the bound, only `bodyTooLong: true` is kept of it. A body that was read already
 * or is being read, as in `return fetch(…)` after a look at its answer, is left out, and that is no
 * failure.
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
 * The same for the result of a v1 function; undefined when there is none. No result makes this
 * throw: whatever was returned, the function has succeeded.
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
 * Writes a response to a Lambda response stream while its body arrives. Rejects when the body fails
 * in the middle.
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
  // The head is sent with the first write, so an empty body needs a write too.
  out.write('');
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
  let isRead = true;
  // bgfn's runtime emits `unread` when the caller has gone: cancelling the body lets its source stop and the function end.
  out.once('unread', () => {
    isRead = false;
    body.destroy();
  });
  try {
    // A failed body must not destroy the stream: the platform reports the error after what was sent.
    await pipeline(body, out, { end: false });
  } catch (error) {
    if (isRead) throw error;
  }
  out.end();
}

/**
 * Headers in the fields where the caller looks for them. Only `set-cookie` can have several values,
 * and each kind of caller reads those elsewhere.
 */
function headerFields(all: Headers, caller: Caller): Fields {
  if (caller === 'alb-multi') return { multiValueHeaders: listsOf([...all]) };
  // A load balancer without multi-value headers takes one cookie, the last.
  const headers = Object.fromEntries(all);
  const cookies = all.getSetCookie();
  if (caller === 'alb-single' || cookies.length === 0) return { headers };
  delete headers['set-cookie'];
  return caller === 'gateway-v2'
    ? { headers, cookies }
    : { headers, multiValueHeaders: { 'set-cookie': cookies } };
}
