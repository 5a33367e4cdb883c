import { describe, expect, test } from 'vitest';
import type { IncomingCall } from '../../../src/runtime/calls/call.ts';
import { buildEvent, encodeEvent, siteHeaders } from '../../../src/runtime/calls/event.ts';
import { resolveSite } from '../../../src/runtime/load/site.ts';

const site = siteHeaders(
  resolveSite(
    {
      id: 'site-1',
      accountId: 'account-1',
      deployId: 'deploy-1',
      deployContext: 'production',
      deployPublished: true,
      geo: { city: 'Århus' },
    },
    'http://localhost',
    {},
  ),
);
const facts = { invocationId: 'ID', site };

function call(changes: Partial<IncomingCall> = {}): IncomingCall {
  return {
    method: 'POST',
    origin: 'http://site.test',
    path: '/.netlify/functions/hello',
    query: '',
    rawHeaders: [],
    body: Buffer.alloc(0),
    clientIp: '203.0.113.9',
    ...changes,
  };
}

describe('the event', () => {
  test('has every field of a Netlify v1 event', () => {
    const event = buildEvent(
      call({
        query: 'a=1&b=x%20y&a=2',
        rawHeaders: ['Content-Type', 'application/json', 'X-One', '1', 'x-one', '2'],
        body: Buffer.from('{"a":"ü"}'),
        route: '/api/:id',
      }),
      facts,
    );
    expect(event).toMatchObject({
      path: '/.netlify/functions/hello',
      httpMethod: 'POST',
      rawUrl: 'http://site.test/.netlify/functions/hello?a=1&b=x%20y&a=2',
      rawQuery: 'a=1&b=x%20y&a=2',
      queryStringParameters: { a: '1, 2', b: 'x y' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: ['x y'] },
      headers: { 'content-type': 'application/json', 'x-one': '1, 2' },
      multiValueHeaders: { 'x-one': ['1', '2'] },
      body: '{"a":"ü"}',
      isBase64Encoded: false,
      route: '/api/:id',
    });
  });

  test('carries the headers that the platform sets for the site and the call', () => {
    expect(buildEvent(call(), facts).headers).toEqual({
      'x-nf-account-id': 'account-1',
      'x-nf-deploy-id': 'deploy-1',
      'x-nf-deploy-context': 'production',
      'x-nf-deploy-published': '1',
      'x-nf-geo': Buffer.from('{"city":"Århus"}').toString('base64'),
      'x-nf-site-id': 'site-1',
      'x-nf-request-id': 'ID',
      'x-nf-client-connection-ip': '203.0.113.9',
      'client-ip': '203.0.113.9',
      'x-bgfn-attempt': '1',
    });
  });

  test('drops the headers that only the platform may set, in any spelling', () => {
    const forged = [
      'X-NF-Request-Id',
      'x',
      'x-nf-made-up',
      'x',
      'X-Netlify-Event',
      'deploy_succeeded',
      'x-netlify-event-extra',
      'x',
      'X-BGFN-Attempt',
      '3',
      'Client-IP',
      '1.2.3.4',
      'X-NF-Event',
      'schedule',
      'x-fine',
      'kept',
    ];
    const { headers, multiValueHeaders } = buildEvent(call({ rawHeaders: forged }), facts);
    expect(headers).toMatchObject({
      'x-nf-request-id': 'ID',
      'x-bgfn-attempt': '1',
      'client-ip': '203.0.113.9',
      'x-fine': 'kept',
    });
    expect(Object.keys(headers).toSorted()).toEqual(Object.keys(multiValueHeaders).toSorted());
    for (const name of ['x-nf-made-up', 'x-netlify-event', 'x-netlify-event-extra', 'x-nf-event']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  test('sets the event headers of the platform itself', () => {
    expect(
      buildEvent(call(), { ...facts, netlifyEvent: 'deploy_succeeded', nfEvent: 'schedule' })
        .headers,
    ).toMatchObject({ 'x-netlify-event': 'deploy_succeeded', 'x-nf-event': 'schedule' });
  });

  test('drops headers of the connection and keeps cookies in one header', () => {
    const { headers } = buildEvent(
      call({
        rawHeaders: [
          'Connection',
          'close',
          'Transfer-Encoding',
          'chunked',
          'Expect',
          '100-continue',
          'Cookie',
          'a=1',
          'Cookie',
          'b=2',
        ],
      }),
      facts,
    );
    expect(headers).toMatchObject({ cookie: 'a=1; b=2' });
    for (const name of ['connection', 'transfer-encoding', 'expect']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  test('contains headers and parameters with names of Object.prototype', () => {
    const event = buildEvent(
      call({ rawHeaders: ['__proto__', 'x', 'constructor', 'y'], query: '__proto__=1&toString=2' }),
      facts,
    );
    const decoded = JSON.parse(Buffer.from(encodeEvent(event)).toString()) as {
      headers: object;
      queryStringParameters: object;
    };
    expect(Object.entries(decoded.headers)).toContainEqual(['__proto__', 'x']);
    expect(Object.entries(decoded.queryStringParameters)).toEqual([
      ['__proto__', '1'],
      ['toString', '2'],
    ]);
  });

  const bodies: readonly (readonly [string | undefined, Buffer, boolean])[] = [
    ['application/json', Buffer.from('{}'), false],
    ['application/json; charset=utf-8', Buffer.from('{}'), false],
    ['TEXT/PLAIN', Buffer.from('x'), false],
    ['application/vnd.api+json', Buffer.from('{}'), false],
    ['image/svg+xml', Buffer.from('<svg/>'), false],
    ['application/x-www-form-urlencoded', Buffer.from('a=1'), false],
    ['multipart/form-data; boundary=x', Buffer.from('--x'), true],
    ['application/octet-stream', Buffer.from([0, 1]), true],
    [undefined, Buffer.from('x'), true],
    // Latin-1 in a body that is declared as text: decoded as UTF-8, its bytes would be lost.
    ['text/plain', Buffer.from([0xe9]), true],
  ];
  test.each(bodies)(
    'contains a body of type %s without losing a byte',
    (contentType, body, isBase64Encoded) => {
      const event = buildEvent(
        call({ rawHeaders: contentType === undefined ? [] : ['content-type', contentType], body }),
        facts,
      );
      expect(event.isBase64Encoded).toBe(isBase64Encoded);
      expect(Buffer.from(event.body ?? '', isBase64Encoded ? 'base64' : 'utf8')).toEqual(body);
    },
  );

  test('has null for an empty body', () => {
    expect(
      buildEvent(
        call({ method: 'GET', rawHeaders: ['content-type', 'application/octet-stream'] }),
        facts,
      ),
    ).toMatchObject({ body: null, isBase64Encoded: false });
  });
});
