import {
  fields,
  text,
  type AdapterOptions,
  type Call,
  type Caller,
  type Fields,
  type Pairs,
} from './types.ts';

/**
 * Returns the name and value pairs of a single-value and a multi-value record, such as `headers`
 * and `multiValueHeaders`. A name in both records has the values of the multi-value record.
 */
export function pairsOf(single: unknown, multi: unknown): [string, string][] {
  return Object.entries({ ...fields(single), ...fields(multi) }).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, string][] => (one == null ? [] : [[name, text(one)]])),
  );
}

/**
 * Reads any event that can reach a function: events of Netlify (an API Gateway v1 proxy event with
 * `rawUrl`), of API Gateway v1 and v2, of a Function URL, and of an Application Load Balancer. Any
 * other event is a direct invocation and becomes a POST with the event as its JSON body.
 *
 * Headers that only Netlify and bgfn's runtime may set are removed from the events of AWS's
 * gateways, which pass on whatever a caller sent.
 */
export function readCall(event: unknown, options: AdapterOptions): Call {
  const raw = fields(event);
  const gateway = fields(raw['requestContext']);
  const http = fields(gateway['http']);
  const method = text(raw['httpMethod']) || text(http['method']);
  if (!method) {
    const url = `${process.env['URL'] ?? 'http://localhost'}/.netlify/functions/${options.name}`;
    return {
      caller: 'direct',
      method: 'POST',
      url,
      headers: [['content-type', 'application/json']],
      body: JSON.stringify(event),
    };
  }
  const caller: Caller = http['method']
    ? 'gateway-v2'
    : gateway['elb']
      ? raw['multiValueHeaders']
        ? 'alb-multi'
        : 'alb-single'
      : 'proxy';
  const fromAws = raw['requestContext'] && !raw['rawUrl'];
  const headers = pairsOf(raw['headers'], raw['multiValueHeaders']).filter(
    ([name]) => !(fromAws && /^x-(nf|netlify|bgfn)-/i.test(name)),
  );
  if (Array.isArray(raw['cookies'])) headers.push(['cookie', raw['cookies'].join('; ')]);
  const body = text(raw['body']);
  return {
    caller,
    method,
    url: text(raw['rawUrl']) || urlOf(raw, gateway, caller, headers),
    headers,
    body: raw['isBase64Encoded'] === true ? Buffer.from(body, 'base64') : body,
  };
}

function urlOf(raw: Fields, gateway: Fields, caller: Caller, headers: Pairs): string {
  const header = (name: string): string | undefined =>
    headers.find(([key]) => key.toLowerCase() === name)?.[1];
  let path = text(raw['rawPath']) || text(raw['path']) || '/';
  // An HTTP API prepends its stage to rawPath.
  const stage = `/${text(gateway['stage'])}/`;
  if (raw['rawPath'] && path.startsWith(stage)) path = path.slice(stage.length - 1);
  // A load balancer passes the query on unchanged. API Gateway v1 decodes the query, so it is
  // encoded again here.
  const pairs = pairsOf(raw['queryStringParameters'], raw['multiValueQueryStringParameters']);
  const query =
    caller === 'gateway-v2'
      ? text(raw['rawQueryString'])
      : caller === 'proxy'
        ? String(new URLSearchParams(pairs))
        : pairs.map((pair) => pair.join('=')).join('&');
  const host = header('host') ?? (text(gateway['domainName']) || 'localhost');
  return `${header('x-forwarded-proto') ?? 'https'}://${host}${path}${query && '?'}${query}`;
}

/**
 * Creates Headers from pairs. A pair that HTTP does not allow is left out with a warning, as on
 * Netlify.
 */
export function headersOf(pairs: Pairs): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value);
    } catch {
      console.warn(`Left out the header "${name}": it is not valid in HTTP.`);
    }
  }
  return headers;
}

/**
 * Returns the event in the shape that v1 functions get on Netlify. An event that has that shape
 * already and a direct invocation are returned unchanged.
 */
export function eventForV1(event: unknown, call: Call): unknown {
  const raw = fields(event);
  if (call.caller === 'direct' || raw['rawUrl']) return event;
  const url = new URL(call.url);
  const multiValueHeaders = listsOf(
    call.headers.map(([name, value]) => [name.toLowerCase(), value]),
  );
  const multiValueQueryStringParameters = listsOf([...url.searchParams]);
  return {
    ...raw,
    path: url.pathname,
    httpMethod: call.method,
    queryStringParameters: joined(multiValueQueryStringParameters),
    multiValueQueryStringParameters,
    headers: joined(multiValueHeaders),
    multiValueHeaders,
    body: raw['body'] ?? null,
    isBase64Encoded: raw['isBase64Encoded'] === true,
    rawUrl: url.href,
    rawQuery: url.search.slice(1),
  };
}

/**
 * Returns all values of each name. A Map collects them because callers choose the names, and a name
 * may be `constructor` or `__proto__`.
 */
export function listsOf(pairs: Pairs): Record<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const list = lists.get(name);
    if (list) list.push(value);
    else lists.set(name, [value]);
  }
  return Object.fromEntries(lists);
}

function joined(lists: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lists).map(([name, values]) => [name, values.join(', ')]),
  );
}
