import { once } from 'node:events';
import { connect } from 'node:net';
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
    {
      name: 'work-background',
      source: 'export const handler = async (event) => { console.log("got " + event.body); };',
    },
  ]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const head = (text: string): string => text.split('\r\n', 1)[0] ?? '';

describe('a request', () => {
  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['is not HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    ['has no Host', 'GET /.netlify/functions/echo HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'has a Host that is not a host',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a/b?c\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has user information in its Host',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: me@evil\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has two Hosts',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n',
      /^HTTP\/1\.1 400[^]*\r\nconnection: close\r\n/,
    ],
    [
      'names another host in its target',
      'GET http://b/.netlify/functions/echo HTTP/1.1\r\nHost: a\r\n\r\n',
      /^HTTP\/1\.1 400[^]*\r\nconnection: close\r\n/,
    ],
    [
      'names another port in its target',
      'GET http://a:81/.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a port that is too large',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a:99999\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a Host that is not an IPv4 address',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: 1.2.3.999\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has two equal lengths',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a list of lengths',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nab',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a space before the colon of its coding',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'ends a chunk size with LF alone',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'hides data in a chunk extension',
      `POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400/,
    ],
    [
      'has two different lengths',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a length and chunks',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a negative length',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has an unknown transfer coding',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a broken chunk',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has a space in a header name',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'folds a header',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'ends its lines with LF alone',
      'GET /.netlify/functions/echo HTTP/1.1\nHost: a\n\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has too large a head',
      `GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431/,
    ],
    ['is a CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 405/],
    [
      'is a TRACE',
      'TRACE /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 405[^]*allow: DELETE, GET/,
    ],
    [
      'expects something else',
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: magic\r\n\r\n',
      /^HTTP\/1\.1 417/,
    ],
    [
      'has a foreign scheme',
      'GET ftp://a/.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has raw bytes in its path',
      'GET /.netlify/functions/echo\xe9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'is OPTIONS *',
      'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'climbs with dots',
      'GET /.netlify/functions/echo/../../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 404/,
    ],
    [
      'climbs with encoded dots',
      'GET /.netlify/functions/echo/%2e%2e/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 404/,
    ],
  ];
  test.each(broken)(
    'that %s gets an answer and reaches no function',
    async (_what, request, status) => {
      expect(await sendRaw(rig.port, request)).toMatch(status);
    },
  );

  test('that names platform headers in its trailers does not set them', async () => {
    const answer = await sendRaw(
      rig.port,
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Nf-Request-Id\r\nConnection: close\r\n\r\n2\r\nab\r\n0\r\nX-Nf-Request-Id: forged\r\n\r\n',
    );
    expect(head(answer)).toBe('HTTP/1.1 200 OK');
    expect(answer).toContain('x-nf-request-id');
    expect(answer).not.toContain('forged');
  });

  test.each(['h2c', 'websocket'])(
    'that offers an upgrade to %s is served without the upgrade, and ends the connection',
    async (protocol) => {
      const answer = await sendRaw(
        rig.port,
        `POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAEAAEAA\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*"body":"body"/);
      expect(answer).not.toContain(protocol);
    },
  );

  test('that has chunks in HTTP/1.0, which does not define them, ends the connection', async () => {
    const request =
      'POST /.netlify/functions/echo HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n';
    expect(
      (await sendRaw(rig.port, request.repeat(2))).match(/HTTP\/1\.1 \d+|Connection: \S+/g),
    ).toEqual(['HTTP/1.1 200', 'Connection: close']);
  });

  test('that breaks off in the body runs nothing', async () => {
    const socket = connect(rig.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /.netlify/functions/work-background HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf',
    );
    socket.destroy();
    await once(socket, 'close');
    await rig.call('/.netlify/functions/work-background', { method: 'POST', body: 'whole' });
    await rig.line(/got whole/);
    expect(rig.lines.some(({ text }) => text.includes('half'))).toBe(false);
  });
});

describe('callers that are slow or many', () => {
  test('get 408 for a head or a body that does not arrive', async () => {
    await using own = await Rig.start([{ name: 'echo' }], {
      httpLimits: { headersTimeoutMs: 50, requestTimeoutMs: 100 },
    });
    const [slowHead, slowBody] = await Promise.all([
      sendRaw(own.port, 'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nX: '),
      sendRaw(
        own.port,
        'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf',
      ),
    ]);
    expect([head(slowHead), head(slowBody)]).toEqual([
      'HTTP/1.1 408 Request Timeout',
      'HTTP/1.1 408 Request Timeout',
    ]);
  });

  test('get no connection beyond the limit', async () => {
    await using own = await Rig.start([{ name: 'echo' }], { httpLimits: { maxConnections: 1 } });
    const first = connect(own.port, '127.0.0.1');
    first.write('GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(first, 'data');
    expect(
      await sendRaw(
        own.port,
        'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      ).catch(() => ''),
    ).toBe('');
    first.destroy();
    await once(first, 'close');
  });
});

test('a connection is served for as long as it is used', async () => {
  const requests = 12_000;
  const answer = await sendRaw(
    rig.port,
    `${'GET /none HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(requests - 1)}GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  expect(Array.from(answer.matchAll(/^HTTP\/1\.1 (\d+)/gm), ([, status]) => status)).toEqual(
    Array.from({ length: requests }, () => '404'),
  );
});
