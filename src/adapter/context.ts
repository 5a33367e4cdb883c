import { cookieOf, serializeCookie } from './cookies.ts';
import { defined, fields, isObject, type Fields, type LambdaContext } from './types.ts';

/** The context of a v2 function, with the cookies and promises that it collects during the call. */
export interface CallContext {
  readonly context: Fields;
  /** The values of the `set-cookie` headers that `context.cookies` collected. */
  readonly setCookies: readonly string[];
  /**
   * Resolves when every `waitUntil` promise has settled, including promises that are added during
   * the wait.
   */
  readonly settled: () => Promise<void>;
}

/**
 * Creates the `Context` of a v2 function: the fields of Netlify, and `attempt` (from 1), which only
 * bgfn's runtime counts.
 */
export function makeContext(
  request: Request,
  params: Record<string, string>,
  lambda: LambdaContext,
): CallContext {
  const { headers, url } = request;
  const header = (name: string): string => headers.get(`x-nf-${name}`) ?? '';
  const { env } = process;
  const setCookies: string[] = [];
  const pending = new Set<Promise<unknown>>();
  const context = {
    account: { id: header('account-id') },
    attempt: Number(headers.get('x-bgfn-attempt')) || 1,
    cookies: {
      get: (name: string) => cookieOf(headers, name),
      set: (cookie: Fields | string, value?: string) =>
        void setCookies.push(serializeCookie(isObject(cookie) ? cookie : { name: cookie, value })),
      delete: (cookie: Fields | string) =>
        void setCookies.push(
          serializeCookie({
            path: '/',
            ...(isObject(cookie) ? cookie : { name: cookie }),
            value: '',
            expires: 0,
          }),
        ),
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
      throw new Error('context.next() is for edge functions');
    },
    params,
    requestId: header('request-id') || (lambda.awsRequestId ?? ''),
    rewrite: (target: string | URL) => fetch(new URL(target, url)),
    server: { region: env['AWS_REGION'] },
    site: { id: env['SITE_ID'] ?? header('site-id'), name: env['SITE_NAME'], url: env['URL'] },
    url: new URL(url),
    // As in Netlify's runtime, a rejected promise is logged and does not fail the invocation.
    waitUntil: (promise: unknown) => {
      const done = Promise.resolve(promise)
        .catch((error: unknown) => console.error('Rejected in context.waitUntil():', error))
        .finally(() => pending.delete(done));
      pending.add(done);
    },
  };
  return {
    context,
    setCookies,
    settled: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/**
 * Reads `x-nf-geo`, which is base64 of JSON with `postal_code` in snake case. Returns an empty
 * object if the header cannot be read.
 */
function geoOf(header: string): Fields {
  try {
    const { postal_code: postalCode, ...geo } = fields(
      JSON.parse(Buffer.from(header, 'base64').toString()),
    );
    return defined({ ...geo, postalCode });
  } catch {
    return {};
  }
}
