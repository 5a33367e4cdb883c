import { isUtf8 } from 'node:buffer';
import { pipeline } from 'node:stream/promises';
import { isFunction, isObject, type Caller, type ProxyResult, type UnknownFunction } from './types.ts';

/** What Lambda's streaming mode puts on `globalThis`. */
export interface StreamingApi {
  readonly streamifyResponse: (handler: (event: unknown, stream: NodeJS.WritableStream, context: never) => Promise<void>) => UnknownFunction;
  readonly HttpResponseStream: {
    from(stream: NodeJS.WritableStream, head: Omit<ProxyResult, 'body'>): NodeJS.WritableStream;
  };
}

/** The streaming API when the platform asks for streams (`BGFN_RESPONSE_MODE=streaming`) and offers them. */
export function streamingApi(): StreamingApi | undefined {
  const { awslambda } = globalThis as { awslambda?: unknown };
  const wanted = process.env['BGFN_RESPONSE_MODE'] === 'streaming';
  return wanted && isObject(awslambda) && isFunction(awslambda['streamifyResponse']) ? (awslambda as unknown as StreamingApi) : undefined;
}

/** Whether a value can be used as a Response: a library's own class counts too. */
export function isResponse(value: unknown): value is Response {
  return isObject(value) && isFunction(value['arrayBuffer']) && typeof value['status'] === 'number' && isObject(value['headers']);
}

function headOf(status: number, headers: Headers): { statusCode: number; headers: Record<string, string>; cookies: string[] } {
  const single = Object.fromEntries([...headers].filter(([name]) => name !== 'set-cookie'));
  return { statusCode: status, headers: single, cookies: headers.getSetCookie() };
}

/** A response held in memory, as the caller's kind of event wants it. A body that is not UTF-8 is sent as base64. */
export async function bufferedResult(response: Response, headers: Headers, caller: Caller): Promise<ProxyResult> {
  const { cookies, ...head } = headOf(response.status, headers);
  const bytes = Buffer.from(await response.arrayBuffer());
  const isBase64Encoded = !isUtf8(bytes);
  const body = bytes.toString(isBase64Encoded ? 'base64' : 'utf8');
  return fitResult({ ...head, ...(cookies.length > 0 && { multiValueHeaders: { 'set-cookie': cookies } }), body, isBase64Encoded }, caller);
}

/** Writes a response to a Lambda response stream as it comes. Rejects when the body fails in the middle. */
export async function streamResult(response: Response, headers: Headers, stream: NodeJS.WritableStream, api: StreamingApi): Promise<void> {
  const out = api.HttpResponseStream.from(stream, headOf(response.status, headers));
  // The head goes out with the first write, so a body without bytes needs one too.
  out.write('');
  await pipeline(response.body ?? [], out);
}

/** Moves headers to where the caller looks: `cookies` for payload 2.0, one of the two header records for a load balancer. */
export function fitResult(result: ProxyResult, caller: Caller): ProxyResult {
  if (caller === 'proxy' || caller === 'direct') return result;
  const { multiValueHeaders: multi = {}, headers: single = {}, ...rest } = result;
  if (caller === 'alb-multi') {
    const wrapped = Object.entries(single).map(([name, value]): [string, readonly string[]] => [name, [String(value)]]);
    return { ...rest, multiValueHeaders: { ...Object.fromEntries(wrapped), ...multi } };
  }
  const headers: Record<string, string> = { ...single };
  const cookies: string[] = [];
  for (const [name, values] of Object.entries(multi)) {
    if (caller === 'gateway-v2' && name.toLowerCase() === 'set-cookie') cookies.push(...values);
    else headers[name] = name.toLowerCase() === 'set-cookie' ? String(values.at(-1)) : values.join(', ');
  }
  return { ...rest, headers, ...(cookies.length > 0 && { cookies }) };
}
