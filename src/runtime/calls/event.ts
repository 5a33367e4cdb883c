import { isUtf8 } from 'node:buffer';
import type { Site } from '../load/site.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';
import type { CallSource, IncomingCall } from './call.ts';

/**
 * The event that Netlify passes to v1 functions, and that every artifact of bgfn takes. Header
 * names are in lower case.
 */
export interface FunctionEvent {
  readonly path: string;
  readonly httpMethod: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>>;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly rawUrl: string;
  readonly rawQuery: string;
  /** The `path` route that matched, as its author wrote it. */
  readonly route?: string | undefined;
}

/** The facts that the platform adds to a call. */
export interface PlatformFacts extends CallSource {
  readonly invocationId: string;
  readonly site: SiteHeaders;
  /** Default 1. */
  readonly attempt?: number | undefined;
  /** The trace of the call; its headers replace the caller's trace headers. */
  readonly trace?: TraceHeaders | undefined;
}

/** The headers that describe the site. They are the same in every event, so they are built once. */
export type SiteHeaders = readonly (readonly [string, string])[];

/** The prefixes of headers that only the platform may set. Those of a caller are dropped. */
const reservedPrefixes = ['x-nf-', 'x-bgfn-', 'x-netlify-event'];
/**
 * Headers that describe the caller's connection. They do not apply to the event, whose body is
 * whole.
 */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);
/**
 * The types that Netlify passes as text, besides `text/*`, `*+json` and `*+xml`
 * (`@netlify/dev-utils`). Every other type is passed as base64.
 */
const textTypes = new Set([
  'application/csp-report',
  'application/graphql',
  'application/json',
  'application/javascript',
  'application/x-www-form-urlencoded',
  'application/x-ndjson',
  'application/xml',
]);

export function siteHeaders(site: Site): SiteHeaders {
  const headers: SiteHeaders = [
    ['x-nf-account-id', site.accountId],
    ['x-nf-deploy-id', site.deployId],
    ['x-nf-deploy-context', site.deployContext],
    ['x-nf-deploy-published', site.deployPublished ? '1' : '0'],
    ['x-nf-geo', Buffer.from(JSON.stringify(site.geo)).toString('base64')],
    ['x-nf-site-id', site.id],
  ];
  return headers.filter(([, value]) => value !== '');
}

/**
 * Builds the v1 event of a call. Several values of one header or parameter are joined with ", ", as
 * in netlify-cli; the `multiValue…` fields keep the values separate. A body of a text type that is
 * not valid UTF-8 is encoded as base64, so that no byte is lost.
 */
export function buildEvent(call: IncomingCall, facts: PlatformFacts): FunctionEvent {
  const { headers, multiValueHeaders } = eventHeaders(call, facts);
  const { queryStringParameters, multiValueQueryStringParameters } = parseQuery(call.query);
  const { body, isBase64Encoded } = eventBody(call.body, headers['content-type']);
  return {
    path: call.path,
    httpMethod: call.method,
    headers,
    multiValueHeaders,
    queryStringParameters,
    multiValueQueryStringParameters,
    body,
    isBase64Encoded,
    rawUrl: urlOfCall(call),
    rawQuery: call.query,
    route: call.route,
  };
}

/** Encodes an event as the bytes that a worker takes. */
export function encodeEvent(event: FunctionEvent): Uint8Array {
  return Buffer.from(JSON.stringify(event));
}

/** The full URL that was called. */
export function urlOfCall({ origin, path, query }: IncomingCall): string {
  return query === '' ? `${origin}${path}` : `${origin}${path}?${query}`;
}

function eventHeaders(
  call: IncomingCall,
  facts: PlatformFacts,
): { headers: Record<string, string>; multiValueHeaders: Record<string, string[]> } {
  const headers: Record<string, string> = Object.create(null);
  const multiValueHeaders: Record<string, string[]> = Object.create(null);
  const add = (name: string, value: string): void => {
    const earlier = multiValueHeaders[name];
    if (earlier === undefined) {
      multiValueHeaders[name] = [value];
      headers[name] = value;
    } else {
      earlier.push(value);
      headers[name] = earlier.join(name === 'cookie' ? '; ' : ', ');
    }
  };
  const replace = (name: string, value: string): void => {
    headers[name] = value;
    multiValueHeaders[name] = [value];
  };
  for (let index = 0; index + 1 < call.rawHeaders.length; index += 2) {
    const name = (call.rawHeaders[index] ?? '').toLowerCase();
    if (isReserved(name) || connectionHeaders.has(name)) continue;
    add(name, call.rawHeaders[index + 1] ?? '');
  }
  for (const [name, value] of platformHeaders(call, facts)) replace(name, value);
  if (facts.trace !== undefined) {
    delete headers['tracestate'];
    delete multiValueHeaders['tracestate'];
    for (const [name, value] of Object.entries<string>({ ...facts.trace })) replace(name, value);
  }
  return { headers, multiValueHeaders };
}

function platformHeaders(call: IncomingCall, facts: PlatformFacts): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [
    ...facts.site,
    ['client-ip', call.clientIp],
    ['x-nf-client-connection-ip', call.clientIp],
    ['x-nf-request-id', facts.invocationId],
    ['x-bgfn-attempt', String(facts.attempt ?? 1)],
  ];
  if (facts.netlifyEvent !== undefined) headers.push(['x-netlify-event', facts.netlifyEvent]);
  if (facts.nfEvent !== undefined) headers.push(['x-nf-event', facts.nfEvent]);
  return headers;
}

function isReserved(name: string): boolean {
  if (!name.startsWith('x-')) return name === 'client-ip';
  return reservedPrefixes.some((prefix) => name.startsWith(prefix));
}

function parseQuery(
  query: string,
): Pick<FunctionEvent, 'queryStringParameters' | 'multiValueQueryStringParameters'> {
  const joined: Record<string, string> = Object.create(null);
  const separate: Record<string, string[]> = Object.create(null);
  if (query !== '') {
    for (const [name, value] of new URLSearchParams(query)) {
      const earlier = separate[name];
      if (earlier === undefined) {
        separate[name] = [value];
        joined[name] = value;
      } else {
        earlier.push(value);
        joined[name] = earlier.join(', ');
      }
    }
  }
  return { queryStringParameters: joined, multiValueQueryStringParameters: separate };
}

function eventBody(
  body: Uint8Array,
  contentType: string | undefined,
): Pick<FunctionEvent, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return isTextType(contentType) && isUtf8(bytes)
    ? { body: bytes.toString('utf8'), isBase64Encoded: false }
    : { body: bytes.toString('base64'), isBase64Encoded: true };
}

function isTextType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return (
    type.startsWith('text/') ||
    type.endsWith('+json') ||
    type.endsWith('+xml') ||
    textTypes.has(type)
  );
}
