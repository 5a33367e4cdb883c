import { isObject, type AdapterOptions, type Call, type Caller, type Fields } from './types.ts';

type Pairs = [string, string][];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const fields = (value: unknown): Fields => (isObject(value) ? value : {});

/** Name and value pairs of a single-value and a multi-value record; the multi-value one has the last word on a name. */
function pairsOf(single: unknown, multi: unknown): Pairs {
  const merged = { ...fields(single), ...fields(multi) };
  return Object.entries(merged).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null).map((one): [string, string] => [name, String(one)]),
  );
}

/**
 * Reads any event that can reach a function: Netlify's (an API Gateway v1 proxy event with `rawUrl`), API Gateway v1 and v2,
 * a Function URL, an Application Load Balancer; everything else is a direct invocation and becomes a POST with that JSON as its body.
 */
export function readCall(event: unknown, options: AdapterOptions): Call {
  const raw = fields(event);
  const requestContext = fields(raw['requestContext']);
  const http = fields(requestContext['http']);
  const method = text(raw['httpMethod']) || text(http['method']);
  if (method === '') {
    const url = `${process.env['URL'] ?? 'http://localhost'}/.netlify/functions/${options.name}`;
    return { caller: 'direct', method: 'POST', url, headers: [['content-type', 'application/json']], body: JSON.stringify(event) };
  }
  const caller: Caller = 'method' in http ? 'gateway-v2' : !('elb' in requestContext) ? 'proxy' : raw['multiValueHeaders'] ? 'alb-multi' : 'alb-single';
  const headers = pairsOf(raw['headers'], raw['multiValueHeaders']);
  if (Array.isArray(raw['cookies'])) headers.push(['cookie', raw['cookies'].join('; ')]);
  const header = (name: string): string | undefined => headers.find(([key]) => key.toLowerCase() === name)?.[1];
  const origin = `${header('x-forwarded-proto')?.split(',')[0] ?? 'https'}://${header('host') ?? (text(requestContext['domainName']) || 'localhost')}`;
  const body = text(raw['body']);
  const route = text(raw['route']);
  return {
    caller,
    method,
    url: text(raw['rawUrl']) || origin + pathOf(raw, requestContext, caller) + queryOf(raw, caller),
    headers,
    ...(body !== '' && { body: raw['isBase64Encoded'] === true ? Buffer.from(body, 'base64') : body }),
    ...(route !== '' && { route }),
  };
}

/** The path without the stage that an HTTP API puts in front of `rawPath`. */
function pathOf(raw: Fields, requestContext: Fields, caller: Caller): string {
  const path = (caller === 'gateway-v2' ? text(raw['rawPath']) : text(raw['path'])) || '/';
  const stage = `/${text(requestContext['stage'])}/`;
  return caller === 'gateway-v2' && path.startsWith(stage) ? path.slice(stage.length - 1) : path;
}

/** The query with its `?`, or nothing. A load balancer hands it on as it was sent, API Gateway v1 decodes it. */
function queryOf(raw: Fields, caller: Caller): string {
  const pairs = pairsOf(raw['queryStringParameters'], raw['multiValueQueryStringParameters']);
  const query =
    caller === 'gateway-v2'
      ? text(raw['rawQueryString'])
      : caller === 'proxy'
        ? new URLSearchParams(pairs).toString()
        : pairs.map((pair) => pair.join('=')).join('&');
  return query && `?${query}`;
}

/** The headers of a call; one that HTTP does not allow is left out with a warning, as Netlify does. */
export function headersOf(call: Call): Headers {
  const headers = new Headers();
  for (const [name, value] of call.headers) {
    try {
      headers.append(name, value);
    } catch {
      console.warn(`Request header "${name}" was left out: its name or value is not valid in HTTP.`);
    }
  }
  return headers;
}

/** The event in the shape Netlify gives to v1 functions. What is in that shape already, and a direct invocation, stays as it is. */
export function eventForV1(event: unknown, call: Call): unknown {
  if (call.caller === 'direct' || (isObject(event) && 'rawUrl' in event)) return event;
  const url = new URL(call.url);
  const multiValueHeaders: Record<string, string[]> = {};
  for (const [name, value] of call.headers) (multiValueHeaders[name.toLowerCase()] ??= []).push(value);
  const multiValueQueryStringParameters: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) (multiValueQueryStringParameters[name] ??= []).push(value);
  const joined = (lists: Record<string, string[]>): Record<string, string> =>
    Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.join(', ')]));
  return {
    ...fields(event),
    path: url.pathname,
    httpMethod: call.method,
    queryStringParameters: joined(multiValueQueryStringParameters),
    multiValueQueryStringParameters,
    headers: joined(multiValueHeaders),
    multiValueHeaders,
    body: fields(event)['body'] ?? null,
    isBase64Encoded: Buffer.isBuffer(call.body),
    rawUrl: url.href,
    rawQuery: url.search.slice(1),
  };
}
