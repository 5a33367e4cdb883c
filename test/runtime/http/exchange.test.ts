import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig, sendRaw } from '../support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start([
    {
      name: 'echo',
      source:
        'export const handler = async (event) => ({ statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(event) });',
    },
  ]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const head = (text: string): string => text.split('\r\n', 1)[0] ?? '';

describe('behind a trusted proxy', () => {
  const source =
    'export const handler = async (event) => { if (event.path.endsWith("/fail")) throw new Error("secret detail"); return { statusCode: 200, body: event.rawUrl + " " + event.headers["client-ip"] }; };';

  test('the caller is the one that the proxy names, and errors reveal no internals', async () => {
    await using own = await Rig.start([{ name: 'who', source }], { trustProxy: true });
    const headers = { 'x-forwarded-for': '1.1.1.1, 203.0.113.7', 'x-forwarded-proto': 'https' };
    expect(await (await own.call('/.netlify/functions/who', { headers })).text()).toBe(
      `${own.runtime.url.replace('http:', 'https:')}/.netlify/functions/who 203.0.113.7`,
    );
    const failed = await own.call('/.netlify/functions/who/fail');
    expect(failed.status).toBe(502);
    expect(await failed.json()).toEqual({
      errorType: 'FunctionError',
      errorMessage: expect.stringMatching(/^The function failed\. Request id: /),
    });
  });

  test('the headers of the proxy have no effect without trust', async () => {
    expect(
      (
        (await (
          await rig.call('/.netlify/functions/echo', {
            headers: { 'x-forwarded-for': '203.0.113.7' },
          })
        ).json()) as { headers: Record<string, string> }
      ).headers['client-ip'],
    ).toBe('127.0.0.1');
  });
});

describe('a caller that is not on this machine', () => {
  const functions = [
    {
      name: 'throws',
      source: 'export const handler = async () => { throw new RangeError("secret detail"); };',
    },
    { name: 'hourly', schedule: '0 * * * *' },
  ];

  test.each([
    'X-Forwarded-For: 203.0.113.7',
    'X-Real-IP: 203.0.113.7',
    'Forwarded: for=203.0.113.7',
    'Via: 1.1 proxy',
    'Host: shop.example',
  ])('as %s shows sees no internals, even without --trust-proxy', async (header) => {
    await using own = await Rig.start(functions);
    const call = (name: string) =>
      sendRaw(
        own.port,
        `GET /.netlify/functions/${name} HTTP/1.1\r\n${header.startsWith('Host') ? '' : 'Host: localhost\r\n'}${header}\r\nConnection: close\r\n\r\n`,
      );
    const failed = await call('throws');
    expect(head(failed)).toBe('HTTP/1.1 502 Bad Gateway');
    expect(failed).not.toContain('secret detail');
    expect(head(await call('hourly'))).toBe('HTTP/1.1 404 Not Found');
  });
});
