import { isUtf8 } from 'node:buffer';
import type { Site } from '../load/site.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';

/**
 * The event Netlify gives to v1 functions and every artifact of ours takes. Header names are lower
 * case.
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
  readonly route?: string;
}

/** A request as the HTTP side hands it over: checked, its body read. */
export interface IncomingCall {
  readonly method: string;
  /** `http://host`, no slash at the end. */
  readonly origin: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Name, value, name, value … as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly clientIp: string;
  readonly route?: string;
}

/** Where a call of the platform's own comes from. */
export interface CallOrigin {
  /** Slug for `x-netlify-event`: only for events of the platform's own. */
  readonly netlifyEvent?: string;
  /** `schedule` for `x-nf-event`. */
  readonly nfEvent?: string;
}

/** What the platform itself says about a call. */
export interface PlatformFacts extends CallOrigin {
  readonly invocationId: string;
  readonly site: SiteHeaders;
  /** Default 1. */
  readonly attempt?: number;
  /** The trace that the call belongs to, in place of what the caller said. */
  readonly trace?: TraceHeaders;
}

/** The site's headers, made once: they are the same in every event. */
export type SiteHeaders = readonly (readonly [string, string])[];

/** Only the platform may set these; a caller's are dropped. */
const reservedPrefixes = ['x-nf-', 'x-bgfn-', 'x-netlify-event'];
/** They describe the connection to us, not the request; the body is already whole. */
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
 * What Netlify hands over as text beside `text/*`, `*+json` and `*+xml` (`@netlify/dev-utils`); all
 * else is base64.
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
 * The v1 event of a call. Several values of one header or parameter are joined with ", " as
 * netlify-cli does; `multiValue…` keep them apart. A body of a text type that is not valid UTF-8
 * goes as base64, so that no byte is lost.
 */
export function buildEvent(call: IncomingCall, facts: PlatformFacts): FunctionEvent {
  const headers: Record<string, string> = Object.create(null);
  const multiValueHeaders: Record<string, string[]> = Object.create(null);
  for (let index = 0; index + 1 < call.rawHeaders.length; index += 2) {
    const name = (call.rawHeaders[index] ?? '').toLowerCase();
    const value = call.rawHeaders[index + 1] ?? '';
    if (isReserved(name) || connectionHeaders.has(name)) continue;
    const before = multiValueHeaders[name];
    if (before === undefined) {
      multiValueHeaders[name] = [value];
      headers[name] = value;
    } else {
      before.push(value);
      headers[name] = before.join(name === 'cookie' ? '; ' : ', ');
    }
  }
  if (facts.trace !== undefined) {
    delete headers['tracestate'];
    delete multiValueHeaders['tracestate'];
  }
  for (const [name, value] of [
    ...platformHeaders(call, facts),
    ...Object.entries<string>({ ...facts.trace }),
  ]) {
    headers[name] = value;
    multiValueHeaders[name] = [value];
  }
  const { queryStringParameters, multiValueQueryStringParameters } = parseQuery(call.query);
  const isBase64Encoded = call.body.length > 0 && !isText(headers['content-type'], call.body);
  return {
    path: call.path,
    httpMethod: call.method,
    headers,
    multiValueHeaders,
    queryStringParameters,
    multiValueQueryStringParameters,
    body:
      call.body.length === 0
        ? null
        : bytes(call.body).toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
    rawUrl:
      call.query === '' ? `${call.origin}${call.path}` : `${call.origin}${call.path}?${call.query}`,
    rawQuery: call.query,
    ...(call.route === undefined ? {} : { route: call.route }),
  };
}

/** The event's bytes as a worker takes them. */
export function encodeEvent(event: FunctionEvent): Uint8Array {
  return Buffer.from(JSON.stringify(event));
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
  const single: Record<string, string> = Object.create(null);
  const multi: Record<string, string[]> = Object.create(null);
  if (query !== '') {
    for (const [name, value] of new URLSearchParams(query)) {
      const before = multi[name];
      if (before === undefined) {
        multi[name] = [value];
        single[name] = value;
      } else {
        before.push(value);
        single[name] = before.join(', ');
      }
    }
  }
  return { queryStringParameters: single, multiValueQueryStringParameters: multi };
}

function isText(contentType: string | undefined, body: Uint8Array): boolean {
  if (contentType === undefined) return false;
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  const textual =
    type.startsWith('text/') ||
    type.endsWith('+json') ||
    type.endsWith('+xml') ||
    textTypes.has(type);
  return textual && isUtf8(body);
}

function bytes(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
