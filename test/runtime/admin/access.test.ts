import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { checkAdminRequest } from '../../../src/runtime/admin/access.ts';

const check = (
  headers: Readonly<Record<string, string>>,
  options: { readonly method?: string; readonly token?: string } = {},
) =>
  checkAdminRequest({ method: options.method ?? 'GET', headers } as unknown as IncomingMessage, {
    token: options.token,
  })?.status;

describe('without a token', () => {
  test.each(['localhost', 'localhost:8889', '127.0.0.1', '127.0.0.1:8889', '[::1]', '[::1]:8889'])(
    'a request for %s is allowed',
    (host) => {
      expect(check({ host })).toBeUndefined();
    },
  );

  test.each([
    '',
    'evil.test',
    'localhost.evil.test',
    '192.168.0.1:8889',
    '[2001:db8::1]:8889',
    '[::1',
  ])('a request for "%s" is refused', (host) => {
    expect(check({ host })).toBe(421);
  });

  test('a request without a Host is refused', () => {
    expect(check({})).toBe(421);
  });
});

describe('a page', () => {
  const host = 'localhost:8889';

  test.each(['http://localhost:8889', 'https://localhost:8889'])('of %s is ours', (origin) => {
    expect(check({ host, origin }, { method: 'POST' })).toBeUndefined();
  });

  test.each([
    'null',
    'http://evil.test',
    'http://localhost:8888',
    'http://localhost',
    'ftp://localhost:8889',
  ])('of %s is foreign', (origin) => {
    expect(check({ host, origin })).toBe(403);
  });

  test.each([
    ['same-origin', undefined],
    ['none', undefined],
    ['same-site', 403],
    ['cross-site', 403],
  ])('that the browser marks as %s gets %s', (site, status) => {
    expect(check({ host, 'sec-fetch-site': site })).toBe(status);
  });

  test('of another site may only link to the admin page', () => {
    const link = {
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(check(link)).toBeUndefined();
    expect(check(link, { method: 'POST' })).toBe(403);
    expect(check({ ...link, 'sec-fetch-mode': 'cors' })).toBe(403);
    expect(check({ ...link, 'sec-fetch-dest': 'iframe' })).toBe(403);
  });
});

describe('with a token', () => {
  const host = 'bgfn.example';
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

  test.each([
    'Bearer sesame',
    'bearer sesame',
    basic('anyone:sesame'),
    basic(':sesame').replace('Basic', 'BASIC'),
    basic('sesame'),
  ])('"%s" is allowed, under any host name', (authorization) => {
    expect(check({ host, authorization }, { token: 'sesame' })).toBeUndefined();
  });

  test.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer sesam',
    'Bearer sesame2',
    basic('anyone:sesame').replace('Basic', 'Digest'),
    basic('sesame:'),
    basic('anyone:wrong'),
    basic('anyone:sesame:'),
  ])('"%s" is refused', (authorization) => {
    expect(check({ host, authorization }, { token: 'sesame' })).toBe(401);
  });

  test('the token may contain a colon, since it is the whole password', () => {
    expect(
      check({ host, authorization: basic('anyone:open:sesame') }, { token: 'open:sesame' }),
    ).toBeUndefined();
  });

  test('a request without the token is refused, and a page of another site even with the token', () => {
    expect(check({ host }, { token: 'sesame' })).toBe(401);
    expect(
      check(
        { host, origin: 'http://evil.test', authorization: 'Bearer sesame' },
        { token: 'sesame' },
      ),
    ).toBe(403);
  });
});
