import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHandler, type LambdaContext } from '../../src/adapter/index.ts';
import { paramsOf } from '../../src/adapter/params.ts';
import { compilePath } from '../../src/builder/discover/routes/path-pattern.ts';
import { lambdaContext, netlifyEvent, postJson } from './support/call-events.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a JavaScript function sees every field, unchecked
type AnyContext = any;

async function contextOf(
  headers: Record<string, string>,
  lambda: LambdaContext = lambdaContext,
): Promise<AnyContext> {
  let seen: unknown;
  const handler = createHandler(
    { default: (_: Request, context: unknown) => void (seen = context) },
    { name: 'x', background: true, routes: [] },
  );
  await handler(postJson({}, headers), lambda);
  return seen;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('the Context of a v2 function', () => {
  it('reads the headers and variables of the platform', async () => {
    vi.stubEnv('SITE_ID', 'site-1');
    vi.stubEnv('SITE_NAME', 'shop');
    vi.stubEnv('URL', 'https://shop.example');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    const geo = {
      city: 'Ulm',
      country: { code: 'DE', name: 'Germany' },
      postal_code: '89073',
      timezone: 'Europe/Berlin',
    };
    const context = await contextOf({
      'x-nf-account-id': 'acc',
      'x-nf-client-connection-ip': '192.0.2.1',
      'x-nf-deploy-id': 'dep',
      'x-nf-deploy-context': 'production',
      'x-nf-deploy-published': '1',
      'x-nf-geo': Buffer.from(JSON.stringify(geo)).toString('base64'),
      'x-nf-request-id': 'req',
      'x-bgfn-attempt': '2',
    });
    expect(context).toMatchObject({
      account: { id: 'acc' },
      attempt: 2,
      deploy: { context: 'production', id: 'dep', published: true },
      geo: {
        city: 'Ulm',
        country: { code: 'DE', name: 'Germany' },
        postalCode: '89073',
        timezone: 'Europe/Berlin',
      },
      ip: '192.0.2.1',
      params: {},
      requestId: 'req',
      server: { region: 'eu-central-1' },
      site: { id: 'site-1', name: 'shop', url: 'https://shop.example' },
    });
    expect(context.url).toEqual(new URL('https://site.example/'));
    expect(await context.json({ a: 1 }).text()).toBe('{"a":1}');
    expect(() => context.next()).toThrow('edge functions');
  });

  it('has defaults if the platform sets none of them', async () => {
    const context = await contextOf({ 'x-nf-geo': 'not base64 of JSON', 'x-bgfn-attempt': 'x' });
    expect(context).toMatchObject({
      account: { id: '' },
      attempt: 1,
      geo: {},
      ip: '',
      requestId: 'aws-1',
      deploy: { published: false },
    });
    expect((await contextOf({}, {})).requestId).toBe('');
  });

  it('is returned by Netlify.context and by getContext() of @netlify/functions during the call, and only then', async () => {
    const store = (globalThis as AnyContext)[
      Symbol.for('@netlify/functions/request-context-store')
    ];
    expect(store).toBeInstanceOf(AsyncLocalStorage);
    const netlify = (globalThis as AnyContext).Netlify;
    const fn = async (_: Request, context: unknown) => {
      await new Promise(setImmediate);
      return Response.json([netlify.context === context, store.getStore().context === context]);
    };
    const handler = createHandler({ default: fn }, { name: 'x', background: false, routes: [] });
    expect(await handler(netlifyEvent, lambdaContext)).toMatchObject({ body: '[true,true]' });
    expect(netlify.context).toBeNull();
  });

  it('comes with Netlify.env', () => {
    const { env } = (globalThis as AnyContext).Netlify;
    env.set('BGFN_TEST_VALUE', 'v');
    expect([
      env.get('BGFN_TEST_VALUE'),
      env.has('BGFN_TEST_VALUE'),
      env.toObject().BGFN_TEST_VALUE,
    ]).toEqual(['v', true, 'v']);
    env.delete('BGFN_TEST_VALUE');
    expect([env.get('BGFN_TEST_VALUE'), env.has('BGFN_TEST_VALUE')]).toEqual([undefined, false]);
  });
});

describe('context.cookies', () => {
  async function setCookies(
    use: (cookies: AnyContext) => void,
  ): Promise<readonly string[] | undefined> {
    const fn = (_: Request, context: AnyContext) => use(context.cookies);
    const handler = createHandler({ default: fn }, { name: 'x', background: false, routes: [] });
    return ((await handler(netlifyEvent, lambdaContext)) as AnyContext).multiValueHeaders?.[
      'set-cookie'
    ];
  }

  it('reads the cookies of the request', async () => {
    const { cookies } = await contextOf({ cookie: 'a=1;b=two%20=; broken' });
    expect([cookies.get('a'), cookies.get('b'), cookies.get('broken'), cookies.get('c')]).toEqual([
      '1',
      'two%20=',
      undefined,
      undefined,
    ]);
  });

  it('sets and deletes in the order of the calls, beside the headers of the response', async () => {
    const got = await setCookies((cookies) => {
      cookies.set('a', '1');
      cookies.set({
        name: 'b',
        value: '2',
        domain: 'x.example',
        path: '/p',
        maxAge: 60,
        expires: new Date(0),
        sameSite: 'Lax',
        secure: true,
        httpOnly: true,
      });
      cookies.set({ name: '__Host-c', value: '3', domain: 'ignored.example', path: '/ignored' });
      cookies.delete('d');
    });
    expect(got).toEqual([
      'a=1',
      'b=2; Domain=x.example; Path=/p; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax; Secure; HttpOnly',
      '__Host-c=3; Path=/; Secure',
      'd=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ]);
  });

  it.each([
    ['a', 'x; Domain=evil.example'],
    ['a', 'line\r\nset-cookie: b=1'],
    ['a b', 'x'],
    ['', 'x'],
    ['a', 'two words'],
    ['a', undefined],
  ])('refuses the cookie %j = %j', async (name, value) => {
    await expect(setCookies((cookies) => cookies.set(name, value))).rejects.toThrow(
      /Invalid cookie/,
    );
  });

  it('does not let a value add another attribute', async () => {
    expect(
      await setCookies((cookies) =>
        cookies.set({ name: 'a', value: '1', path: '/; Domain=evil.example' }),
      ),
    ).toEqual(['a=1; Path=/ Domain=evil.example']);
  });
});

describe('context.waitUntil', () => {
  it('delays the end of the call until its promises have settled, including promises that are added meanwhile', async () => {
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const fn = (_: Request, context: AnyContext) => {
      const later = async () => {
        await first.promise;
        order.push('first');
        context.waitUntil(second.promise.then(() => order.push('second')));
      };
      context.waitUntil(later());
      return new Response();
    };
    const call = createHandler({ default: fn }, { name: 'x', background: false, routes: [] })(
      netlifyEvent,
      lambdaContext,
    ).then(() => order.push('call'));
    await new Promise(setImmediate);
    first.resolve();
    await new Promise(setImmediate);
    expect(order).toEqual(['first']);
    second.resolve();
    await call;
    expect(order).toEqual(['first', 'second', 'call']);
  });

  it('logs a rejected promise, and the call succeeds', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const error = new Error('mail server away');
    const fn = (_: Request, context: AnyContext) => context.waitUntil(Promise.reject(error));
    expect(
      await createHandler({ default: fn }, { name: 'x', background: true, routes: [] })(
        netlifyEvent,
        lambdaContext,
      ),
    ).toMatchObject({ statusCode: 204 });
    expect(log).toHaveBeenCalledWith(expect.stringContaining('waitUntil'), error);
  });

  it('delays the end of a call that throws, too', async () => {
    let done = false;
    const fn = (_: Request, context: AnyContext) => {
      context.waitUntil(new Promise(setImmediate).then(() => (done = true)));
      throw new Error('thrown');
    };
    await expect(
      createHandler({ default: fn }, { name: 'x', background: true, routes: [] })(
        netlifyEvent,
        lambdaContext,
      ),
    ).rejects.toThrow('thrown');
    expect(done).toBe(true);
  });
});

describe('req.signal', () => {
  it.each([
    [900_000, 895_000],
    [60_000, 57_000],
    [1_000, 950],
  ])(
    'aborts a call of %d ms after %d ms, while there is time to save something',
    async (remainingMs, abortsAfterMs) => {
      vi.useFakeTimers();
      try {
        const fn = (req: Request) =>
          new Promise((_, reject) =>
            req.signal.addEventListener('abort', () => reject(req.signal.reason as Error)),
          );
        const call = createHandler({ default: fn }, { name: 'x', background: true, routes: [] })(
          netlifyEvent,
          { getRemainingTimeInMillis: () => remainingMs },
        );
        const failure = call.catch((error: unknown) => error);
        await vi.advanceTimersByTimeAsync(abortsAfterMs - 1);
        expect(vi.getTimerCount()).toBe(1);
        await vi.advanceTimersByTimeAsync(1);
        expect(await failure).toMatchObject({ name: 'TimeoutError' });
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    try {
      await contextOf({});
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('context.params', () => {
  const cases: readonly [string, string, Record<string, string | undefined>][] = [
    ['/shop/:id', '/shop/4%202', { id: '4%202' }],
    ['/shop/:id', '/shop/42/', { id: '42' }],
    ['/a/:x/b/:y', '/a/1/b/2', { x: '1', y: '2' }],
    ['/a/:id(\\d+)', '/a/12', { id: '12' }],
    ['/a/:id(\\d+)', '/a/xy', {}],
    ['/files/*', '/files/a/b.txt', { 0: 'a/b.txt' }],
    ['/p/:rest+', '/p/a/b', { rest: 'a/b' }],
    ['/p/:maybe?', '/p', {}],
    ['/p/:maybe?', '/p/x', { maybe: 'x' }],
    ['/file.:ext', '/file.png', { ext: 'png' }],
    ['/file.:ext', '/fileXpng', {}],
    ['/o{/:a}?/:b', '/o/1/2', { a: '1', b: '2' }],
    ['/*/x/:id/(\\d+)', '/q/x/7/8', { 0: 'q', id: '7', 1: '8' }],
    ['/', '/', {}],
    ['/other', '/p', {}],
  ];

  it.each(cases)('of %s at %s', (pattern, path, params) => {
    const { expression, groups } = compilePath(pattern);
    expect(paramsOf([[`^${expression}$`, ...groups]], path)).toEqual(params);
  });

  it('are those of the first route that matches', () => {
    expect(
      paramsOf(
        [
          ['^/a/(.*)$', 'first'],
          ['^/(.*)$', 'second'],
        ],
        '/b',
      ),
    ).toEqual({ second: 'b' });
    expect(
      paramsOf(
        [
          ['^/a/(.*)$', 'first'],
          ['^/(.*)$', 'second'],
        ],
        '/a/b',
      ),
    ).toEqual({ first: 'b' });
    expect(paramsOf([], '/a/b')).toEqual({});
  });
});
