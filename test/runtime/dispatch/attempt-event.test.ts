import { describe, expect, test } from 'vitest';
import { encodeCall } from '../../../src/runtime/calls/stored-call.ts';
import { eventOfAttempt, traceHeadersOf } from '../../../src/runtime/dispatch/attempt-event.ts';

const encode = (event: unknown) => Buffer.from(JSON.stringify(event));
const decode = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as unknown;
const facts = { invocationId: 'ID', attempt: 1, site: [], trace: undefined };
const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const call = {
  method: 'PUT',
  origin: 'http://site.test',
  path: '/orders/%C3%A4',
  query: 'a=1',
  rawHeaders: ['Content-Type', 'application/json', 'X-One', '1\n2'],
  body: Buffer.from('{"a":"ü\n[1]"}'),
  clientIp: '203.0.113.9',
  route: '/orders/:näme',
};

describe('the event of a stored call', () => {
  test('is built when the attempt begins, from the deployment of that time', () => {
    const event = decode(
      eventOfAttempt(encodeCall({ call, trace, netlifyEvent: 'deploy_succeeded' }), {
        ...facts,
        attempt: 2,
        site: [['x-nf-deploy-id', 'later']],
      }),
    );
    expect(event).toMatchObject({
      httpMethod: 'PUT',
      path: '/orders/%C3%A4',
      rawUrl: 'http://site.test/orders/%C3%A4?a=1',
      route: '/orders/:näme',
      body: '{"a":"ü\n[1]"}',
      isBase64Encoded: false,
      headers: {
        'x-one': '1\n2',
        'client-ip': '203.0.113.9',
        'x-nf-request-id': 'ID',
        'x-nf-deploy-id': 'later',
        'x-netlify-event': 'deploy_succeeded',
        'x-bgfn-attempt': '2',
        traceparent: trace.traceparent,
      },
      multiValueHeaders: { 'x-bgfn-attempt': ['2'] },
    });
  });

  test('keeps every byte of a body that is not text', () => {
    const body = Buffer.from([0x0a, 0xff, 0x00, 0x5b]);
    const event = decode(eventOfAttempt(encodeCall({ call: { ...call, body }, trace }), facts));
    expect(event).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });

  test('has no body when the call had none', () => {
    expect(
      decode(
        eventOfAttempt(encodeCall({ call: { ...call, body: Buffer.alloc(0) }, trace }), facts),
      ),
    ).toMatchObject({ body: null, isBase64Encoded: false });
  });

  test('contains the span of the attempt instead of the span of the accept', () => {
    const payload = encodeCall({ call, trace: { ...trace, tracestate: 'a=1' } });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
    const event = decode(eventOfAttempt(payload, { ...facts, trace: { traceparent } }));
    expect(event).toMatchObject({ headers: { traceparent } });
    expect(event).not.toHaveProperty('headers.tracestate');
    expect(traceHeadersOf('call', payload)).toEqual({ ...trace, tracestate: 'a=1' });
  });
});

test('a delivery has its trace beside its body', () => {
  const delivery = { url: 'https://example.com/ok', ...trace, body: '{}' };
  expect(traceHeadersOf('delivery', encode(delivery))).toMatchObject(trace);
});

test('a stored call that cannot be read fails the attempt, and has no trace', () => {
  const payload = Buffer.from('[broken\nbody');
  expect(() => eventOfAttempt(payload, facts)).toThrow(SyntaxError);
  expect(traceHeadersOf('call', payload)).toEqual({});
});

describe('an event that an earlier version stored', () => {
  test('is passed unchanged to the first attempt', () => {
    const payload = encode({ headers: { 'x-bgfn-attempt': '1' } });
    expect(eventOfAttempt(payload, facts)).toBe(payload);
  });

  test('carries the number of a later attempt in both forms of the headers', () => {
    const event = {
      path: '/x',
      headers: { host: 'h', 'x-bgfn-attempt': '1' },
      multiValueHeaders: { host: ['h'], 'x-bgfn-attempt': ['1'] },
      body: 'ä🙂\u0000',
    };
    expect(decode(eventOfAttempt(encode(event), { ...facts, attempt: 3 }))).toEqual({
      ...event,
      headers: { host: 'h', 'x-bgfn-attempt': '3' },
      multiValueHeaders: { host: ['h'], 'x-bgfn-attempt': ['3'] },
    });
  });

  test('has a header in other letter case replaced, not added twice', () => {
    expect(
      decode(
        eventOfAttempt(encode({ headers: { 'X-Bgfn-Attempt': '1' } }), { ...facts, attempt: 2 }),
      ),
    ).toEqual({ headers: { 'x-bgfn-attempt': '2' } });
  });

  test('keeps a header named __proto__ a header', () => {
    const text = '{"headers":{"__proto__":"x","x-bgfn-attempt":"1"}}';
    expect(
      Buffer.from(eventOfAttempt(Buffer.from(text), { ...facts, attempt: 2 })).toString(),
    ).toBe('{"headers":{"__proto__":"x","x-bgfn-attempt":"2"}}');
  });
});

test.each(['not json', '[]', 'null', '"text"', '{"headers":null}', '{}', ''])(
  'the payload %j is passed unchanged',
  (text) => {
    const payload = Buffer.from(text);
    expect(eventOfAttempt(payload, { ...facts, attempt: 2 })).toBe(payload);
  },
);
