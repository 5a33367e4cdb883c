import type { IncomingMessage } from 'node:http';

/** A request's address, checked. */
export interface RequestTarget {
  /** `http://host[:port]` as the caller knows us. */
  readonly origin: string;
  /** Percent-encoded, dot segments resolved, without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
}

/** Host names, IPv4, [IPv6], and a port: what can stand in a URL without changing its meaning. */
const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** Paths that mean what they say; anything else goes through the URL parser once. */
const plainPath = /^\/[A-Za-z0-9\-_~!$&'()*+,;=:@%/.]*$/;
/** `.` or `..` as a whole segment, also percent-encoded. */
const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i;
const plainQuery = /^[\x21\x24-\x26\x28-\x3b=\x3f-\x7e]*$/;

/**
 * Reads the target of a request; `undefined` when it is not one a function could be called with (400).
 * `fallbackHost`, with the port of the connection, stands in where an HTTP/1.0 caller sends no Host.
 */
export function parseTarget(request: IncomingMessage, protocol: 'http' | 'https', fallbackHost: string): RequestTarget | undefined {
  const host = request.headers.host ?? `${fallbackHost.includes(':') ? `[${fallbackHost}]` : fallbackHost}:${request.socket.localPort ?? 80}`;
  if (!hostPattern.test(host)) return undefined;
  const origin = `${protocol}://${host}`;
  const raw = request.url ?? '/';
  if (!raw.startsWith('/')) return parseAbsolute(raw, origin);
  const mark = raw.indexOf('?');
  const path = mark === -1 ? raw : raw.slice(0, mark);
  const query = mark === -1 ? '' : raw.slice(mark + 1);
  if (plainPath.test(path) && !dotSegment.test(path) && plainQuery.test(query)) return { origin, path, query };
  return parseAbsolute(`${origin}${raw}`, origin);
}

/** Absolute form (`GET http://host/path`) and everything unusual, by the WHATWG URL rules that the function's `Request` will apply too. */
function parseAbsolute(text: string, origin: string): RequestTarget | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  return { origin, path: url.pathname, query: url.search.slice(1) };
}
