import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { hostName, isLoopback } from '../http/server/host-names.ts';

/** Why a request to the admin port is refused. */
export interface AccessRefusal {
  readonly status: 401 | 403 | 421;
  readonly errorType: string;
  readonly errorMessage: string;
}

export interface AccessRules {
  /** The token that every request must contain, if there is one. */
  readonly token?: string | undefined;
}

/**
 * Decides whether a request may use the admin port; `undefined` allows the request.
 *
 * - Without a token, programs on this machine may (the runtime listens on loopback only), and only
 *   under a loopback name, so that a web page whose host name resolves to this machine (DNS
 *   rebinding) is refused.
 * - With a token, every request with the token may: as `Authorization: Bearer <token>`, or as the
 *   password of Basic authentication, for which browsers prompt.
 * - Pages of other sites may not: a request that the browser marks as cross-site, or whose Origin is
 *   another server, is refused.
 *
 * To follow a link from another site to the admin page is allowed, because that only reads.
 */
export function checkAdminRequest(
  request: IncomingMessage,
  { token }: AccessRules,
): AccessRefusal | undefined {
  const host = request.headers.host ?? '';
  if (token === undefined && !isLoopback(hostName(host))) {
    return {
      status: 421,
      errorType: 'WrongHost',
      errorMessage: 'The admin port answers under localhost, 127.0.0.1 and [::1] only.',
    };
  }
  if (isForeign(request, host)) {
    return {
      status: 403,
      errorType: 'CrossSite',
      errorMessage: 'Pages of other sites may not use the admin port.',
    };
  }
  if (token !== undefined && !hasToken(request.headers.authorization, token)) {
    return {
      status: 401,
      errorType: 'Unauthorized',
      errorMessage: 'The admin token is missing or wrong.',
    };
  }
  return undefined;
}

function isForeign(request: IncomingMessage, host: string): boolean {
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return true;
  }
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const opensPage =
    request.method === 'GET' &&
    request.headers['sec-fetch-mode'] === 'navigate' &&
    request.headers['sec-fetch-dest'] === 'document';
  return !opensPage;
}

function hasToken(authorization: string | undefined, token: string): boolean {
  const [scheme, value] = (authorization ?? '').split(' ', 2);
  if (value === undefined) return false;
  if (scheme?.toLowerCase() === 'bearer') return sameSecret(value, token);
  if (scheme?.toLowerCase() !== 'basic') return false;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return sameSecret(pair.slice(pair.indexOf(':') + 1), token);
}

/**
 * Compares two secrets by their digests, so that the time of the comparison depends on neither the
 * content nor the length of the secret.
 */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(given).digest(),
    createHash('sha256').update(expected).digest(),
  );
}
