import { describe, expect, it } from 'vitest';
import { createHandler } from '../../src/adapter/index.ts';
import {
  albMultiEvent,
  functionUrlEvent,
  gatewayV1Event,
  gatewayV2Event,
  lambdaContext,
  netlifyEvent,
} from './support/call-events.ts';

type V1 = (
  event: Record<string, unknown>,
  context: unknown,
  callback: (error: unknown, result?: unknown) => void,
) => unknown;

function handlerOf(handler: V1, background = false) {
  return createHandler({ handler }, { name: 'old', background, routes: [] });
}

describe('a v1 function', () => {
  it('becomes a handler with at most two declared parameters, however many the function has', () => {
    expect(handlerOf((_e, _c, callback) => callback(null)).length).toBeLessThanOrEqual(2);
  });

  it('is called, whatever names the parameters and headers of a caller have', async () => {
    let seen: Record<string, unknown> = {};
    const event = {
      ...gatewayV2Event,
      rawQueryString: 'constructor=1&toString=2&__proto__=3',
      headers: { ...gatewayV2Event.headers, constructor: 'x', ['__proto__']: 'y' },
    };
    await handlerOf(async (got) => void (seen = got))(event, lambdaContext);
    expect(Object.entries(seen['multiValueQueryStringParameters'] as object)).toEqual([
      ['constructor', ['1']],
      ['toString', ['2']],
      ['__proto__', ['3']],
    ]);
    expect(Object.entries(seen['headers'] as object)).toEqual(
      expect.arrayContaining([
        ['constructor', 'x'],
        ['__proto__', 'y'],
      ]),
    );
  });

  it('gets the same event and context objects that the platform passes', async () => {
    const seen: unknown[] = [];
    await handlerOf(async (...args) => void seen.push(args[0], args[1]))(
      netlifyEvent,
      lambdaContext,
    );
    expect(seen[0]).toBe(netlifyEvent);
    expect(seen[1]).toBe(lambdaContext);
  });

  it.each([
    ['API Gateway v1', gatewayV1Event],
    ['API Gateway v2', gatewayV2Event],
    ['a Function URL', functionUrlEvent],
    ['a load balancer', albMultiEvent],
  ])("gets Netlify's event from %s", async (_caller, event) => {
    let seen: Record<string, unknown> = {};
    await handlerOf(async (got) => void (seen = got))(event, lambdaContext);
    expect(seen).toMatchObject({
      path: '/shop/42',
      httpMethod: 'POST',
      queryStringParameters: { tag: 'a, b c' },
      multiValueQueryStringParameters: { tag: ['a', 'b c'] },
      headers: { host: 'site.example', 'content-type': 'text/plain' },
      multiValueHeaders: { host: ['site.example'] },
      rawUrl: expect.stringMatching(/^https:\/\/site\.example\/shop\/42\?tag=a&tag=b(%20|\+)c$/),
      rawQuery: expect.stringMatching(/^tag=a&tag=b(%20|\+)c$/),
    });
    expect(
      Buffer.from(
        String(seen['body']),
        seen['isBase64Encoded'] === true ? 'base64' : 'utf8',
      ).toString(),
    ).toBe('hello');
  });

  it('gets a direct invocation unchanged', async () => {
    const event = { payload: { id: 1 }, site: {} };
    let seen: unknown;
    await handlerOf(async (got) => void (seen = got))(event, lambdaContext);
    expect(seen).toBe(event);
  });

  it.each<[string, V1]>([
    ['a promise', async () => ({ statusCode: 200, body: 'ok' })],
    [
      'the callback',
      (_event, _context, callback) =>
        void setImmediate(() => callback(null, { statusCode: 200, body: 'ok' })),
    ],
    [
      'the callback, at once',
      (_event, _context, callback) => callback(undefined, { statusCode: 200, body: 'ok' }),
    ],
    [
      'the callback, returning a timer',
      (_event, _context, callback) =>
        setImmediate(() => callback(null, { statusCode: 200, body: 'ok' })),
    ],
    ['a plain value', (_event, _context) => ({ statusCode: 200, body: 'ok' })],
  ])('may answer by %s', async (_style, handler) => {
    const listeners = process.listenerCount('beforeExit');
    expect(await handlerOf(handler)(netlifyEvent, lambdaContext)).toEqual({
      statusCode: 200,
      body: 'ok',
    });
    expect(process.listenerCount('beforeExit')).toBe(listeners);
  });

  it.each<[string, V1]>([
    ['a rejection', () => Promise.reject(new RangeError('no'))],
    [
      'the callback',
      (_event, _context, callback) => void setImmediate(() => callback(new RangeError('no'))),
    ],
    [
      'throwing',
      () => {
        throw new RangeError('no');
      },
    ],
  ])('may fail by %s', async (_style, handler) => {
    await expect(handlerOf(handler, true)(netlifyEvent, lambdaContext)).rejects.toThrow(RangeError);
  });

  it('fails with an Error if it passes a text to the callback', async () => {
    await expect(
      handlerOf((_event, _context, callback) => callback('broken'))(netlifyEvent, lambdaContext),
    ).rejects.toThrow("not an Error: 'broken'");
  });

  it('leaves no listener behind', async () => {
    const before = process.listenerCount('beforeExit');
    await handlerOf((_event, _context, callback) => void setImmediate(() => callback(null)))(
      netlifyEvent,
      lambdaContext,
    );
    expect(process.listenerCount('beforeExit')).toBe(before);
  });

  it('that streams keeps its own signature', () => {
    const streamed = Object.assign(() => undefined, {
      [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response',
    });
    expect(handlerOf(streamed)).toBe(streamed);
  });

  it('ends with its first result', async () => {
    const handler = handlerOf((_event, _context, callback) => {
      callback(null, { statusCode: 201 });
      callback(new Error('late'));
    });
    expect(await handler(netlifyEvent, lambdaContext)).toEqual({ statusCode: 201 });
  });

  it('succeeds in the background whatever it returns; the part that can be delivered is kept', async () => {
    const circular: Record<string, unknown> = { statusCode: 500 };
    circular['self'] = circular;
    expect(await handlerOf(async () => circular, true)(netlifyEvent, lambdaContext)).toEqual({
      statusCode: 500,
    });
    expect(
      await handlerOf(async () => ({ statusCode: 201, body: 'made' }), true)(
        netlifyEvent,
        lambdaContext,
      ),
    ).toEqual({ statusCode: 201, body: 'made', isBase64Encoded: false });
    expect(
      await handlerOf(async () => ({ statusCode: 200, body: 'x'.repeat(65_537) }), true)(
        netlifyEvent,
        lambdaContext,
      ),
    ).toEqual({ statusCode: 200, bodyTooLong: true });
    expect(await handlerOf(async () => 'odd', true)(netlifyEvent, lambdaContext)).toBeUndefined();
  });

  it('has its result converted for callers that expect another shape', async () => {
    const result = {
      statusCode: 200,
      headers: { 'x-a': 1 },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'aGk=',
      isBase64Encoded: true,
    };
    const handler = handlerOf(async () => result);
    expect(await handler(netlifyEvent, lambdaContext)).toBe(result);
    expect(await handler(gatewayV1Event, lambdaContext)).toBe(result);
    expect(await handler(gatewayV2Event, lambdaContext)).toEqual({
      statusCode: 200,
      headers: { 'x-a': '1' },
      cookies: ['a=1', 'b=2'],
      body: 'hi',
      isBase64Encoded: false,
    });
    expect(await handler(albMultiEvent, lambdaContext)).toMatchObject({
      multiValueHeaders: { 'x-a': ['1'], 'set-cookie': ['a=1', 'b=2'] },
    });
  });
});
