import type { IncomingMessage } from 'node:http';

/** The checked address of a request. */
export interface RequestTarget {
  /** `http://host[:port]`, as the caller addressed this server. */
  readonly origin: string;
  /** Percent-encoded, dot segments resolved, without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
}

/**
 * A host name, an IPv4 address or an [IPv6] address, with or without a port; no other part of a
 * URL.
 */
const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** Paths that the URL parser would return unchanged. Every other path is parsed once. */
const plainPath = /^\/[A-Za-z0-9\-_~!$&'()*+,;=:@%/.]*$/;
/** `.` or `..` as a whole segment, also percent-encoded. */
const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i;
const plainQuery = /^[\x21\x24-\x26\x28-\x3b=\x3f-\x7e]*$/;

/**
 * The origin that a request was sent to, by its Host header; `undefined` if the header is not
 * valid. A request without the header (HTTP/1.0) gets `fallbackHost` with the port of the
 * connection.
 */
export function originOf(
  request: IncomingMessage,
  protocol: 'http' | 'https',
  fallbackHost: string,
): string | undefined {
  const host =
    request.headers.host ?? `${bracketed(fallbackHost)}:${request.socket.localPort ?? 80}`;
  if (namesHostTwice(request.rawHeaders)) return undefined;
  const origin = `${protocol}://${host}`;
  return isOrigin(host, origin) ? origin : undefined;
}

/**
 * Parses the target of a request that was sent to `origin`. Returns `undefined` if no function
 * could be called with the target.
 */
export function parseTarget(target: string, origin: string): RequestTarget | undefined {
  if (!target.startsWith('/')) {
    return namesOtherHost(target, origin) ? undefined : parseAbsolute(target, origin);
  }
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  if (plainPath.test(path) && !dotSegment.test(path) && plainQuery.test(query)) {
    return { origin, path, query };
  }
  return parseAbsolute(`${origin}${target}`, origin);
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Whether there are two Host headers, of which a proxy in front and the function may use different
 * ones.
 */
function namesHostTwice(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

/**
 * Whether a target in absolute form names another host than the Host header, which is ambiguous as
 * well. (By RFC 9112, 3.2.2, the host of the target counts.)
 */
function namesOtherHost(target: string, origin: string): boolean {
  const url = URL.parse(target);
  const host = origin.slice(origin.indexOf('//') + 2);
  return url !== null && url.host !== URL.parse(`${url.protocol}//${host}`)?.host;
}

let lastOrigin = '';

/**
 * Whether a `Request` can be created with this origin: `a:99999` and `1.2.3.999` match the pattern,
 * but are not hosts. The last valid origin is remembered, since most requests have the same.
 */
function isOrigin(host: string, origin: string): boolean {
  if (origin === lastOrigin) return true;
  if (!hostPattern.test(host) || !URL.canParse(origin)) return false;
  lastOrigin = origin;
  return true;
}

/**
 * Parses the absolute form (`GET http://host/path`) and every unusual target by the WHATWG URL
 * rules, which the `Request` of the function will apply too.
 */
function parseAbsolute(text: string, origin: string): RequestTarget | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  return { origin, path: url.pathname, query: url.search.slice(1) };
}
