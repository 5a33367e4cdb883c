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
    { name: 'small', maxPayloadBytes: 10, methods: ['POST'] },
    {
      name: 'throws',
      source: 'export const handler = async () => { throw new RangeError("too far"); };',
    },
    { name: 'wrong', source: 'export const handler = async () => "ok";' },
    { name: 'exits', source: 'export const handler = async () => { process.exit(3); };' },
    {
      name: 'slow',
      timeout: 0.3,
      source: 'export const handler = () => new Promise(() => { setInterval(() => {}, 1000); });',
    },
    {
      name: 'cookies',
      source:
        'export const handler = async () => ({ statusCode: 299, multiValueHeaders: { "set-cookie": ["a=1", "b=2"] }, body: Buffer.from([0, 200, 255]).toString("base64"), isBase64Encoded: true });',
    },
    { name: 'empty', source: 'export const handler = async () => ({ statusCode: 204 });' },
    {
      name: 'work-background',
      source: 'export const handler = async (event) => { console.log("got " + event.body); };',
    },
    {
      name: 'items',
      routes: [
        { pattern: '/items/:id', expression: '^\\/items(?:\\/([^\\/]+?))\\/?$', methods: [] },
      ],
      source:
        'export const handler = async (event) => ({ statusCode: 200, body: event.route + " " + event.path });',
    },
  ]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const head = (text: string): string => text.split('\r\n', 1)[0] ?? '';

describe('a sync call', () => {
  test('gets the response of the function and the request id', async () => {
    const response = await rig.call('/.netlify/functions/echo/sub?x=1', {
      method: 'PUT',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'x-nf-request-id': 'forged' },
    });
    const event = (await response.json()) as {
      headers: Record<string, string>;
      path: string;
      body: string;
    };
    expect(response.status).toBe(200);
    expect(event).toMatchObject({ path: '/.netlify/functions/echo/sub', body: '{"a":1}' });
    expect(event.headers['x-nf-request-id']).toBe(response.headers.get('x-nf-request-id'));
    expect(event.headers['x-nf-request-id']).toMatch(/^[0-9A-Z]{26}$/);
  });

  test('gets several cookies, any status and binary bodies', async () => {
    const response = await rig.call('/.netlify/functions/cookies');
    expect(response.status).toBe(299);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([0, 200, 255]));
  });

  test('gets text that is not ASCII whole', async () => {
    await using own = await Rig.start([
      {
        name: 'text',
        source: 'export const handler = async () => ({ statusCode: 200, body: "æ→😀" });',
      },
    ]);
    const response = await own.call('/.netlify/functions/text');
    expect([await response.text(), response.headers.get('content-length')]).toEqual(['æ→😀', '9']);
  });

  test('of HEAD gets the head only, and 204 has no body', async () => {
    const headOnly = await sendRaw(
      rig.port,
      'HEAD /.netlify/functions/cookies HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(headOnly).toMatch(/content-length: 3\r\n/);
    expect(headOnly.endsWith('\r\n\r\n')).toBe(true);
    const empty = await sendRaw(
      rig.port,
      'GET /.netlify/functions/empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(head(empty)).toBe('HTTP/1.1 204 No Content');
    expect(empty).not.toMatch(/content-length/i);
  });

  test('reaches a function by its own path', async () => {
    expect(await (await rig.call('/items/7')).text()).toBe('/items/:id /items/7');
    expect((await rig.call('/.netlify/functions/items')).status).toBe(404);
  });

  test.each([
    [
      'throws',
      502,
      {
        errorType: 'RangeError',
        errorMessage: 'too far',
        trace: expect.arrayContaining([expect.stringContaining('RangeError: too far')]),
      },
    ],
    [
      'wrong',
      502,
      { errorType: 'InvalidResponse', errorMessage: expect.stringContaining("returned 'ok'") },
    ],
    ['exits', 502, { errorMessage: expect.stringMatching(/exit|3/) }],
    ['slow', 504, { errorMessage: expect.stringMatching(/0\.3|timed? ?out/i) }],
  ])('of %s is answered with %i that says why', async (name, status, body) => {
    const response = await rig.call(`/.netlify/functions/${name}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-nf-request-id')).toMatch(/^[0-9A-Z]{26}$/);
    expect(await response.json()).toMatchObject(body);
  });

  test('whose function fails leaves the error in the log under its request id', async () => {
    const id = (await rig.call('/.netlify/functions/throws')).headers.get('x-nf-request-id');
    expect(rig.lines).toContainEqual(
      expect.objectContaining({
        invocationId: id,
        level: 'error',
        stream: 'platform',
        text: expect.stringContaining('RangeError: too far'),
      }),
    );
  });
});

describe('a scheduled function', () => {
  const source =
    'export const handler = async (event) => ({ statusCode: 200, body: event.httpMethod + " " + event.headers["user-agent"] + " " + event.headers["x-nf-event"] + " " + event.body });';

  test('called by a developer gets the request that its schedule would send', async () => {
    await using own = await Rig.start([{ name: 'hourly', schedule: '0 * * * *', source }]);
    expect(await (await own.call('/.netlify/functions/hourly')).text()).toMatch(
      /^POST Netlify Clockwork schedule \{"next_run":"[^"]+:00:00\.000Z"\}$/,
    );
  });

  test('has no address for anybody else', async () => {
    await using own = await Rig.start([{ name: 'hourly', schedule: '0 * * * *', source }], {
      trustProxy: true,
    });
    expect((await own.call('/.netlify/functions/hourly')).status).toBe(404);
  });
});

describe('behind a trusted proxy', () => {
  const source =
    'export const handler = async (event) => { if (event.path.endsWith("/fail")) throw new Error("secret detail"); return { statusCode: 200, body: event.rawUrl + " " + event.headers["client-ip"] }; };';

  test('the caller is the one the proxy names, and errors tell nothing of the inside', async () => {
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

  test('without trust its headers are only headers', async () => {
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
  ])(
    'as %s tells is shown nothing of the inside, though nobody said --trust-proxy',
    async (header) => {
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
    },
  );
});

describe('a refused request', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/.netlify/functions/nothing', 404],
    ['GET', '/.netlify/functions/small', 405],
    ['POST', '/.netlify/functions/..%2fadmin', 404],
  ])('%s %s is answered with %i as JSON', async (method, path, status) => {
    const response = await rig.call(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
    expect(await response.json()).toMatchObject({
      errorType: expect.any(String),
      errorMessage: expect.any(String),
    });
  });

  test('is 413 when it says it is too large, and the connection can go on', async () => {
    const both = await sendRaw(
      rig.port,
      'POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n1234567890',
    );
    expect(both.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  test('is 413 when it turns out too large', async () => {
    const answer = await sendRaw(
      rig.port,
      'POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n',
    );
    expect(head(answer)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('is 413 before its body was sent when it asks first', async () => {
    const answer = await sendRaw(
      rig.port,
      'POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n',
    );
    expect(head(answer)).toBe('HTTP/1.1 413 Payload Too Large');
    expect(answer).not.toContain('100 Continue');
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['is not HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    ['has no Host', 'GET /.netlify/functions/echo HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'has a Host that is none',
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
      'has a port that is none',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: a:99999\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has an address that is none',
      'GET /.netlify/functions/echo HTTP/1.1\r\nHost: 1.2.3.999\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'has its length twice',
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
      'has two lengths',
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

  test('that names platform headers in its trailers sets none', async () => {
    const answer = await sendRaw(
      rig.port,
      'POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Nf-Request-Id\r\nConnection: close\r\n\r\n2\r\nab\r\n0\r\nX-Nf-Request-Id: forged\r\n\r\n',
    );
    expect(head(answer)).toBe('HTTP/1.1 200 OK');
    expect(answer).toContain('x-nf-request-id');
    expect(answer).not.toContain('forged');
  });

  test.each(['h2c', 'websocket'])(
    'that offers an upgrade to %s is served as if it did not, and ends the connection',
    async (protocol) => {
      const answer = await sendRaw(
        rig.port,
        `POST /.netlify/functions/echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAEAAEAA\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*"body":"body"/);
      expect(answer).not.toContain(protocol);
    },
  );

  test('that has chunks in HTTP/1.0, which knows none, ends the connection', async () => {
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
  test('get 408 for a head or a body that does not come', async () => {
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

describe('the target of a request', () => {
  test('in absolute form is read like any other', async () => {
    const answer = await sendRaw(
      rig.port,
      'GET http://HERE:80/.netlify/functions/echo?a=1 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n',
    );
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      path: '/.netlify/functions/echo',
      rawUrl: 'http://here/.netlify/functions/echo?a=1',
    });
  });

  test('is made safe for a URL when it has unusual characters', async () => {
    const answer = await sendRaw(
      rig.port,
      'GET /.netlify/functions/echo/a"b?q=<e> HTTP/1.1\r\nHost: here:80\r\nConnection: close\r\n\r\n',
    );
    const event = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { rawUrl: string };
    expect(event.rawUrl).toBe('http://here:80/.netlify/functions/echo/a%22b?q=%3Ce%3E');
    expect(URL.canParse(event.rawUrl)).toBe(true);
  });

  test('of HTTP/1.0 without Host gets the address the runtime listens on', async () => {
    const answer = await sendRaw(rig.port, 'GET /.netlify/functions/echo HTTP/1.0\r\n\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      rawUrl: `${rig.runtime.url}/.netlify/functions/echo`,
    });
  });
});
