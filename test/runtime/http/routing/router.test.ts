import { describe, expect, test } from 'vitest';
import { createRouter, type RoutedFunction } from '../../../../src/runtime/http/routing/router.ts';

const functions: readonly RoutedFunction[] = [
  { name: 'hello' },
  { name: 'send-mail-background', methods: ['POST'] },
  { name: 'page', methods: ['GET'] },
  {
    name: 'products',
    routes: [
      {
        pattern: '/api/products/:id',
        expression: '^\\/api\\/products(?:\\/([^\\/]+?))\\/?$',
        methods: ['GET', 'PUT'],
      },
      { pattern: '/api/Products', literal: '/api/Products', methods: [] },
    ],
    excludedRoutes: [{ pattern: '/api/products/secret', literal: '/api/products/secret' }],
  },
  {
    name: 'all',
    routes: [{ pattern: '/api/*', expression: '^\\/api(?:\\/(.*))\\/?$', methods: [] }],
    excludedRoutes: [
      { pattern: '/api/private/*', expression: '^\\/api\\/private(?:\\/(.*))\\/?$' },
    ],
  },
  {
    name: 'special',
    routes: [
      { pattern: '/api/products/special', literal: '/api/products/special', methods: ['GET'] },
    ],
  },
];
const router = createRouter(functions);

describe('the router', () => {
  const goesTo: readonly (readonly [string, string, string, string | undefined])[] = [
    ['GET', '/.netlify/functions/hello', 'hello', undefined],
    ['DELETE', '/.netlify/functions/hello/', 'hello', undefined],
    ['GET', '/.netlify/functions/hello/sub/path', 'hello', undefined],
    ['POST', '/.netlify/functions/send-mail-background', 'send-mail-background', undefined],
    ['HEAD', '/.netlify/functions/page', 'page', undefined],
    ['GET', '/api/products/42', 'products', '/api/products/:id'],
    ['GET', '/api/products/42/', 'products', '/api/products/:id'],
    ['PUT', '/api/products/a%20b', 'products', '/api/products/:id'],
    ['HEAD', '/api/products/42', 'products', '/api/products/:id'],
    ['GET', '/api/Products', 'products', '/api/Products'],
    ['GET', '/api/Products/', 'products', '/api/Products'],
    // A literal has precedence over a pattern, in any order of the functions.
    ['GET', '/api/products/special', 'special', '/api/products/special'],
    // Another function may take the method that the first does not take.
    ['DELETE', '/api/products/42', 'all', '/api/*'],
    // An excluded path may match the route of another function.
    ['GET', '/api/products/secret', 'all', '/api/*'],
    ['GET', '/api/products/secret/', 'all', '/api/*'],
  ];
  test.each(goesTo)('sends %s %s to %s', (method, path, name, pattern) => {
    expect(router.match(method, path)).toEqual({
      kind: 'function',
      name,
      ...(pattern === undefined ? {} : { pattern }),
    });
  });

  test.each([
    ['GET', '/.netlify/functions/send-mail-background', ['POST']],
    ['POST', '/.netlify/functions/page', ['GET', 'HEAD']],
    ['OPTIONS', '/.netlify/functions/page', ['GET', 'HEAD']],
  ])('refuses %s %s and lists the allowed methods', (method, path, allow) => {
    expect(router.match(method, path)).toMatchObject({ kind: 'method-not-allowed', allow });
  });

  test('lists the methods of a route that matches with other methods, if no other function takes the request', () => {
    const alone = createRouter([functions[3]!]);
    expect(alone.match('DELETE', '/api/products/42')).toEqual({
      kind: 'method-not-allowed',
      name: 'products',
      allow: ['GET', 'HEAD', 'PUT'],
    });
  });

  test('does not serve a function that has a path at the default endpoint', () => {
    expect(router.match('GET', '/.netlify/functions/products')).toEqual({
      kind: 'moved',
      name: 'products',
      patterns: ['/api/products/:id', '/api/Products'],
    });
    expect(router.match('GET', '/.netlify/functions/special')).toEqual({
      kind: 'moved',
      name: 'special',
      patterns: ['/api/products/special'],
    });
    expect(
      createRouter([{ name: 'bare', routes: [] }]).match('GET', '/.netlify/functions/bare'),
    ).toEqual({ kind: 'function', name: 'bare' });
  });

  test('applies the methods of the function to a route without methods', () => {
    const route = (pattern: string, methods: string[]) => ({ pattern, literal: pattern, methods });
    const one = createRouter([
      { name: 'one', methods: ['POST'], routes: [route('/a', []), route('/b', ['GET'])] },
    ]);
    expect(one.match('POST', '/a')).toEqual({ kind: 'function', name: 'one', pattern: '/a' });
    expect(one.match('GET', '/a')).toEqual({
      kind: 'method-not-allowed',
      name: 'one',
      allow: ['POST'],
    });
    expect(one.match('GET', '/b')).toEqual({ kind: 'function', name: 'one', pattern: '/b' });
    expect(one.match('POST', '/b')).toEqual({
      kind: 'method-not-allowed',
      name: 'one',
      allow: ['GET', 'HEAD'],
    });
  });

  test('compares the literal instead of the pattern, and the pattern if there is neither literal nor expression', () => {
    const escaped = { pattern: String.raw`/a\:b`, literal: '/a:b' };
    const plain = { pattern: '/plain/' };
    const named = createRouter([
      {
        name: 'one',
        routes: [
          { ...escaped, methods: [] },
          { ...plain, methods: [] },
        ],
      },
    ]);
    expect(named.match('GET', '/a:b')).toMatchObject({ kind: 'function' });
    expect(named.match('GET', '/plain')).toMatchObject({ kind: 'function' });
    expect(named.match('GET', '/plain/more')).toMatchObject({ kind: 'not-found' });
    const excluding = createRouter([
      {
        name: 'one',
        routes: [{ pattern: '/*', expression: '^(?:\\/(.*))\\/?$', methods: [] }],
        excludedRoutes: [escaped, plain],
      },
    ]);
    expect(excluding.match('GET', '/a:b')).toMatchObject({ kind: 'not-found' });
    expect(excluding.match('GET', '/plain')).toMatchObject({ kind: 'not-found' });
    expect(excluding.match('GET', '/other')).toMatchObject({ kind: 'function' });
  });

  test.each([
    '/',
    '/api',
    '/other',
    '/.netlify/functions',
    '/.netlify/functions/',
    '/.netlify/builders/hello',
    '/api/private/x',
    '/.netlify/functions/HELLO',
    '/.netlify/functions/__proto__',
    '/.netlify/functions/constructor',
  ])('finds no function at %s', (path) => {
    expect(router.match('GET', path)).toMatchObject({ kind: 'not-found' });
  });

  test('names the functions that are similar to a mistyped name', () => {
    expect(router.match('GET', '/.netlify/functions/helo')).toEqual({
      kind: 'not-found',
      similar: ['hello'],
    });
    expect(router.match('GET', '/.netlify/functions/send-mail')).toEqual({
      kind: 'not-found',
      similar: ['send-mail-background'],
    });
    expect(router.match('GET', '/.netlify/functions/quite-different')).toEqual({
      kind: 'not-found',
      similar: [],
    });
  });

  test.each([
    ['ordr', ['orders', 'border', 'order', 'oder', 'reorder'], ['order', 'orders', 'border']],
    ['send', ['sent1', 'send-mail-to-all'], ['send-mail-to-all', 'sent1']],
    ['newsletter-xyzd', ['newsletter-send'], ['newsletter-send']],
    ['', ['hello'], []],
  ])(
    'names at most three for "%s": first names that begin so, then names that differ in up to a quarter',
    (asked, names, similar) => {
      expect(
        createRouter(names.map((name) => ({ name }))).match('GET', `/.netlify/functions/${asked}`),
      ).toEqual({ kind: 'not-found', similar });
    },
  );

  test('looks for similar names in bounded time, however long the requested name is', () => {
    expect(router.match('GET', `/.netlify/functions/${'x'.repeat(15_000)}`)).toEqual({
      kind: 'not-found',
      similar: [],
    });
  });
});
