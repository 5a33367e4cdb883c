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

/** What Lambda's streaming mode puts on `globalThis`. */
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

/** Whether `awslambda.streamifyResponse` made a handler, as AWS's runtime client and bgfn's know it. */
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
 * What a v1 function returned as a Response, for callers that do not read a proxy result's own
 * shape; anything without a status stays.
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
 * A response held in memory, as the caller's kind of event wants it. A body that is not UTF-8 is
 * sent as base64.
 */
export async function bufferedResult(
  response: Response,
  headers: Headers,
  caller: Caller,
): Promise<Fields> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isBase64Encoded = !isUtf8(bytes);
  return {
    statusCode: response.status,
    ...headerFields(headers, caller),
    body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/**
 * Of the body of a background function's answer, so much is kept, bytes: enough for a result, too
 * little to matter in a queue.
 */
const keptBodyBytes = 65_536;

/**
 * What a background function answered, for its destination: status, content type and body. The body
 * is read to its end, for what its stream does while it is read; of one that is longer than the
 * bound nothing is kept but `bodyTooLong: true`. A body that somebody has read already, or is
 * reading, is the function's own business (`return fetch(…)` after a look at its answer): nothing
 * of it is kept, and that is no failure.
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
  const bytes = Buffer.concat(chunks);
  const isBase64Encoded = !isUtf8(bytes);
  return { ...head, body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

/**
 * The same of a v1 function's result; undefined when it returned none. Nothing in a result makes
 * this throw: whatever was returned, the function has succeeded.
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
 * Writes a response to a Lambda response stream as it comes. Rejects when the body fails in the
 * middle.
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
  // The head goes out with the first write, so a body without bytes needs one too.
  out.write('');
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
  let isRead = true;
  // bgfn's runtime says so when the caller has gone. A body that is cancelled can stop its source, and the function be done.
  out.once('unread', () => {
    isRead = false;
    body.destroy();
  });
  try {
    // A body that breaks must not destroy the stream: the platform reports the error behind what was sent.
    await pipeline(body, out, { end: false });
  } catch (error) {
    if (isRead) throw error;
  }
  out.end();
}

/**
 * Headers where the caller looks for them: only `set-cookie` can come several times, and each
 * caller reads that elsewhere.
 */
function headerFields(all: Headers, caller: Caller): Fields {
  if (caller === 'alb-multi') return { multiValueHeaders: listsOf([...all]) };
  // A load balancer without multi-value headers can take one cookie: the last.
  const headers = Object.fromEntries(all);
  const cookies = all.getSetCookie();
  if (caller === 'alb-single' || cookies.length === 0) return { headers };
  delete headers['set-cookie'];
  return caller === 'gateway-v2'
    ? { headers, cookies }
    : { headers, multiValueHeaders: { 'set-cookie': cookies } };
}
