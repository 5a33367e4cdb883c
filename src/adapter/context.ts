import { inspect } from 'node:util';
import { isObject } from './types.ts';
import type { Fields, LambdaContext } from './types.ts';

/** A v2 function's context, with what the adapter does at the end of the call. */
export interface CallContext {
  readonly context: Fields;
  /** Adds what `context.cookies` collected as `set-cookie` headers. */
  applyCookies(headers: Headers): void;
  /** Resolves when every `waitUntil` promise has settled, those added meanwhile included. */
  settled(): Promise<void>;
}

/** The `Context` of a v2 function: Netlify's fields, and `attempt` (from 1), which only bgfn's runtime counts. */
export function makeContext(request: Request, params: Record<string, string>, lambda: LambdaContext): CallContext {
  const { headers } = request;
  const header = (name: string): string => headers.get(`x-nf-${name}`) ?? '';
  const { env } = process;
  const setCookies: string[] = [];
  const pending = new Set<Promise<unknown>>();
  const context = {
    account: { id: header('account-id') },
    attempt: Number(headers.get('x-bgfn-attempt')) || 1,
    cookies: {
      get: (name: string) => cookieOf(headers, name),
      set: (cookie: Fields | string, value?: string) => {
        setCookies.push(serializeCookie(isObject(cookie) ? cookie : { name: cookie, value }));
      },
      delete: (cookie: Fields | string) => {
        setCookies.push(serializeCookie({ path: '/', ...(isObject(cookie) ? cookie : { name: cookie }), value: '', expires: 0 }));
      },
    },
    deploy: {
      branch: header('branch'),
      context: header('deploy-context'),
      id: header('deploy-id'),
      published: /^(1|true)$/.test(header('deploy-published')),
    },
    geo: geoOf(header('geo')),
    ip: header('client-connection-ip'),
    json: (body: unknown) => Response.json(body),
    log: console.log,
    next: () => {
      throw new Error('context.next() exists in edge functions only');
    },
    params,
    requestId: header('request-id') || (lambda.awsRequestId ?? ''),
    rewrite: (url: string | URL) => fetch(new URL(url, request.url)),
    server: { region: env['AWS_REGION'] },
    site: { id: env['SITE_ID'] ?? header('site-id'), name: env['SITE_NAME'], url: env['URL'] },
    url: new URL(request.url),
    // A rejected promise is logged and does not fail the invocation: what Netlify's runtime does.
    waitUntil: (promise: unknown) => {
      const done = Promise.resolve(promise)
        .catch((error: unknown) => console.error('A promise given to context.waitUntil() was rejected:', error))
        .finally(() => pending.delete(done));
      pending.add(done);
    },
  };
  return {
    context,
    applyCookies: (target) => {
      for (const cookie of setCookies) target.append('set-cookie', cookie);
    },
    settled: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/** `x-nf-geo`: base64 of JSON, `postal_code` in snake case; nothing when it cannot be read. */
function geoOf(header: string): Fields {
  try {
    const { postal_code: postalCode, ...geo } = JSON.parse(Buffer.from(header, 'base64').toString()) as Fields;
    return postalCode === undefined ? geo : { ...geo, postalCode };
  } catch {
    return {};
  }
}

function cookieOf(headers: Headers, name: string): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A `set-cookie` value by RFC 6265; throws a TypeError for a name or value that would break out of it. */
function serializeCookie(cookie: Fields): string {
  const { name, value, expires, maxAge, unparsed } = cookie;
  if (typeof name !== 'string' || !/^[^\s"(),/:;<=>?@[\\\]{}]+$/.test(name) || typeof value !== 'string' || /[^ -~]|[;"\\]/.test(value)) {
    throw new TypeError(`Cookie ${inspect(name)} cannot be set to ${inspect(value)}: encode it, e.g. with encodeURIComponent().`);
  }
  const parts = [`${name}=${value}`];
  const host = name.startsWith('__Host');
  if (cookie['secure'] === true || host || name.startsWith('__Secure')) parts.push('Secure');
  if (cookie['httpOnly'] === true) parts.push('HttpOnly');
  if (typeof maxAge === 'number') parts.push(`Max-Age=${maxAge}`);
  for (const [label, attribute] of [['Domain', host ? '' : cookie['domain']], ['SameSite', cookie['sameSite']], ['Path', host ? '/' : cookie['path']]]) {
    if (typeof attribute === 'string' && attribute !== '') parts.push(`${String(label)}=${attribute.replace(/[^ -~]|;/g, '')}`);
  }
  if (expires instanceof Date || typeof expires === 'number') parts.push(`Expires=${new Date(expires).toUTCString()}`);
  if (Array.isArray(unparsed)) parts.push(...unparsed.map(String));
  return parts.join('; ');
}
