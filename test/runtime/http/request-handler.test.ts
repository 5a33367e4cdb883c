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

  test('gets non-ASCII text complete', async () => {
    await using own = await Rig.start([
      {
        name: 'text',
        source: 'export const handler = async () => ({ statusCode: 200, body: "æ→😀" });',
      },
    ]);
    const response = await own.call('/.netlify/functions/text');
    expect([await response.text(), response.headers.get('content-length')]).toEqual(['æ→😀', '9']);
  });

  test('with HEAD gets only the head, and 204 has no body', async () => {
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
  ])('of %s is answered with %i and the reason', async (name, status, body) => {
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

  test('has no address for other callers', async () => {
    await using own = await Rig.start([{ name: 'hourly', schedule: '0 * * * *', source }], {
      trustProxy: true,
    });
    expect((await own.call('/.netlify/functions/hourly')).status).toBe(404);
  });
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

  test('is 413 when its declared length is too large, and the connection can be used again', async () => {
    const both = await sendRaw(
      rig.port,
      'POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n1234567890',
    );
    expect(both.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  test('is 413 when its chunks turn out too large', async () => {
    const answer = await sendRaw(
      rig.port,
      'POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n',
    );
    expect(head(answer)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('is 413 before its body was sent when it expects 100-continue', async () => {
    const answer = await sendRaw(
      rig.port,
      'POST /.netlify/functions/small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n',
    );
    expect(head(answer)).toBe('HTTP/1.1 413 Payload Too Large');
    expect(answer).not.toContain('100 Continue');
  });
});
