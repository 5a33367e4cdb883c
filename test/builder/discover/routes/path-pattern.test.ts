import { describe, expect, test } from 'vitest';
import { PathPatternError } from '../../../../src/builder/discover/routes/path-pattern-error.ts';
import { compilePath } from '../../../../src/builder/discover/routes/path-pattern.ts';
import { routeOf } from '../../../../src/builder/discover/routes/route.ts';

const patterns = [
  '/',
  '/a',
  '/a/b.html',
  '/:id',
  '/users/:id',
  '/users/:id?',
  '/users/:id+',
  '/users/:id*',
  '/*',
  '/files/*',
  '/a*b',
  '/a/*/b',
  '/:a/:b',
  '/:a-:b',
  '/v:version/x',
  '/{a}',
  '/a{b}?',
  '/a{/b}?',
  '/a{/:id}?/c',
  '/a{/:id}+',
  '/a{x:id-y}*',
  String.raw`/:id(\d+)`,
  String.raw`/(\d+)`,
  String.raw`/(\d+)?`,
  '/(a|b)',
  String.raw`/a\:b`,
  String.raw`/a\?`,
  '/:id.:ext',
  '/grüße/:x',
  '/a b',
  '/a%2B',
  '/$x',
  '/a|b',
  '/[id]',
  '/:id([a-z]{2,3})',
  '/caf%C3%A9',
  '/**',
  '/a/{b/}?c',
  '/:na_me1',
];
const paths = [
  '/',
  '/a',
  '/b',
  '/ab',
  '/a/',
  '/a/b',
  '/a/b/c',
  '/a/b.html',
  '/abhtml',
  '/users',
  '/users/',
  '/users/7',
  '/users/7/8',
  '/files/x/y',
  '/axxb',
  '/a/x/y/b',
  '/x-y',
  '/v2/x',
  '/7',
  '/77',
  '/:b',
  '/a:b',
  '/a?',
  '/a%3F',
  '/x.png',
  '/gr%C3%BC%C3%9Fe/1',
  '/a%20b',
  '/$x',
  '/a%7Cb',
  '/a|b',
  '/[id]',
  '/en',
  '/english',
  '/caf%C3%A9',
  '/a/c',
  '/a/xc',
  '/a/7/c',
  '/ax7-y',
  '/ax7-yx8-y',
  '/z',
  '/a/b/7/8',
  '/a%2B',
];

// Node 22 has no URLPattern. On Node 22 only the table below is checked.
describe.runIf('URLPattern' in globalThis)('the expression matches what URLPattern matches', () => {
  test.each(patterns)('%s', (pattern) => {
    const reference = new URLPattern({ pathname: pattern });
    const { literal, expression, groups } = compilePath(pattern);
    const own = new RegExp(`^${expression}$`, 'v');
    for (const candidate of paths) {
      const pathname = new URL(candidate, 'http://x.test').pathname;
      const matched = own.exec(pathname);
      const named =
        matched === null
          ? undefined
          : Object.fromEntries(groups.map((name, index) => [name, matched[index + 1]]));
      expect([candidate, named]).toEqual([
        candidate,
        reference.exec({ pathname })?.pathname.groups,
      ]);
      expect([
        candidate,
        literal === undefined || (literal === pathname) === (matched !== null),
      ]).toEqual([candidate, true]);
    }
  });
});

test.each([
  ['/a', { literal: '/a' }],
  ['/users/:id', { expression: String.raw`^\/users(?:\/([^\/]+?))\/?$` }],
  ['/users/:id?', { expression: String.raw`^\/users(?:\/([^\/]+?))?\/?$` }],
  ['/files/*', { expression: String.raw`^\/files(?:\/(.*))\/?$` }],
  [String.raw`/:id(\d+)`, { expression: String.raw`^(?:\/(\d+))\/?$` }],
])('%s becomes the route that Netlify writes', (pattern, route) => {
  expect(routeOf(pattern)).toEqual({ pattern, ...route });
});

test.each([
  '/:',
  '/a(',
  '/a((',
  '/()',
  '/(?a)',
  '/((a))',
  '/{a',
  '/a}',
  '/a?',
  '/+',
  '/a\\',
  '/:id/:id',
  '/{:a:b}',
  '/([)',
])('%s is refused', (pattern) => {
  expect(() => compilePath(pattern)).toThrow(PathPatternError);
});
