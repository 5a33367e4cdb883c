import { describe, expect, it } from 'vitest';
import { createHandler } from '../../src/adapter/index.ts';
import {
  albMultiEvent,
  albSingleEvent,
  functionUrlEvent,
  gatewayV1Event,
  gatewayV2Event,
  lambdaContext,
  netlifyEvent,
  postJson,
} from './support/call-events.ts';

const options = {
  name: 'shop',
  background: false,
  routes: [['^\\/shop\\/([^\\/]+?)$', 'id']] as const,
};

function handlerOf(fn: unknown, extra: Partial<typeof options> = {}) {
  return createHandler({ default: fn }, { ...options, ...extra });
}

describe('the Request that a v2 function gets', () => {
  it.each([
    ['Netlify', netlifyEvent, 'a/b, c/d'],
    ['API Gateway v1', gatewayV1Event, 'a/b, c/d'],
    ['API Gateway v2', gatewayV2Event, 'a/b,c/d'],
    ['a Function URL', functionUrlEvent, 'a/b,c/d'],
    ['a load balancer with multi-value headers', albMultiEvent, 'a/b, c/d'],
  ])('is the same from %s', async (_caller, event, accept) => {
    let seen: unknown;
    const handler = handlerOf(
      async (
        req: Request,
        context: { params: unknown; cookies: { get(name: string): string } },
      ) => {
        const url = new URL(req.url);
        seen = {
          method: req.method,
          place: url.origin + url.pathname,
          tags: url.searchParams.getAll('tag'),
          type: req.headers.get('content-type'),
          accept: req.headers.get('accept'),
          cookie: context.cookies.get('two'),
          body: await req.text(),
          params: context.params,
        };
      },
    );
    await handler(event, lambdaContext);
    expect(seen).toEqual({
      method: 'POST',
      place: 'https://site.example/shop/42',
      tags: ['a', 'b c'],
      type: 'text/plain',
      accept,
      cookie: '2',
      body: 'hello',
      params: { id: '42' },
    });
  });

  it('has the last value of each name from a load balancer with single-value headers', async () => {
    const handler = handlerOf(
      (req: Request) =>
        new Response(
          new URL(req.url).searchParams.getAll('tag').join() + req.headers.get('accept'),
        ),
    );
    expect(await handler(albSingleEvent, lambdaContext)).toMatchObject({ body: 'b cc/d' });
  });

  it('has the query that API Gateway v1 decoded, in encoded form again', async () => {
    const handler = handlerOf(
      (req: Request) => new Response(new URL(req.url).searchParams.get('q')),
    );
    const event = {
      ...gatewayV1Event,
      queryStringParameters: null,
      multiValueQueryStringParameters: { q: ['a&b=c%20#d'] },
    };
    expect(await handler(event, lambdaContext)).toMatchObject({ body: 'a&b=c%20#d' });
  });

  it('is a POST of the event from a direct invocation', async () => {
    const handler = handlerOf(async (req: Request) =>
      Response.json([req.method, new URL(req.url).pathname, await req.json()]),
    );
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
    expect(await handler(event, lambdaContext)).toMatchObject({
      body: JSON.stringify(['POST', '/.netlify/functions/shop', event]),
    });
  });

  it.each([[null], [[1, 2]], ['text'], [7]])(
    'is a POST of the JSON %j from a direct invocation',
    async (event) => {
      const handler = handlerOf(async (req: Request) => new Response(await req.text()));
      expect(await handler(event, lambdaContext)).toMatchObject({ body: JSON.stringify(event) });
    },
  );

  it('has the bytes of a base64 body', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const handler = handlerOf(
      async (req: Request) => new Response(Buffer.from(await req.arrayBuffer()).toString('hex')),
    );
    expect(
      await handler(
        { ...netlifyEvent, body: bytes.toString('base64'), isBase64Encoded: true },
        lambdaContext,
      ),
    ).toMatchObject({ body: '00ff800a' });
  });

  it.each(['GET', 'HEAD'])('has no body for %s', async (httpMethod) => {
    const handler = handlerOf(
      (req: Request) => new Response(`${req.method} ${req.body === null ? 'null' : 'body'}`),
    );
    expect(
      await handler({ ...netlifyEvent, httpMethod, body: 'ignored' }, lambdaContext),
    ).toMatchObject({ body: `${httpMethod} null` });
  });

  it('leaves out a header that HTTP does not allow', async () => {
    const handler = handlerOf((req: Request) => new Response([...req.headers.keys()].join()));
    const headers = { ok: '1', smile: '☺', 'bad name': 'x', split: 'a\r\nb: c' };
    expect(await handler({ ...postJson({}), headers }, lambdaContext)).toMatchObject({
      body: expect.stringMatching(/^(content-type,)?ok$/),
    });
  });
});

describe('the result of a v2 function', () => {
  const answer = () => {
    const headers = new Headers({ 'x-one': '1' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response('hi', { status: 201, headers });
  };

  it.each([
    [
      'Netlify',
      netlifyEvent,
      { headers: { 'x-one': '1' }, multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] } },
    ],
    [
      'API Gateway v1',
      gatewayV1Event,
      { headers: { 'x-one': '1' }, multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] } },
    ],
    ['API Gateway v2', gatewayV2Event, { headers: { 'x-one': '1' }, cookies: ['a=1', 'b=2'] }],
    ['a Function URL', functionUrlEvent, { headers: { 'x-one': '1' }, cookies: ['a=1', 'b=2'] }],
    [
      'a load balancer with multi-value headers',
      albMultiEvent,
      { multiValueHeaders: { 'x-one': ['1'], 'set-cookie': ['a=1', 'b=2'] } },
    ],
    [
      'a load balancer with single-value headers',
      albSingleEvent,
      { headers: { 'x-one': '1', 'set-cookie': 'b=2' } },
    ],
  ])('has its cookies where %s reads them', async (_caller, event, headers) => {
    const result = (await handlerOf(answer)(event, lambdaContext)) as {
      headers?: Record<string, string>;
      multiValueHeaders?: Record<string, string[]>;
    };
    delete result.headers?.['content-type'];
    delete result.multiValueHeaders?.['content-type'];
    expect(result).toEqual({ statusCode: 201, ...headers, body: 'hi', isBase64Encoded: false });
  });

  it('carries binary bodies as base64 and text as text, whatever the type says', async () => {
    const bytes = Buffer.from([137, 80, 78, 71, 0, 255]);
    expect(await handlerOf(() => new Response(bytes))(netlifyEvent, lambdaContext)).toMatchObject({
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
    expect(
      await handlerOf(
        () => new Response('naïve ☺\0', { headers: { 'content-type': 'image/png' } }),
      )(netlifyEvent, lambdaContext),
    ).toMatchObject({
      body: 'naïve ☺\0',
      isBase64Encoded: false,
    });
  });

  it('is 204 for nothing', async () => {
    expect(await handlerOf(async () => undefined)(netlifyEvent, lambdaContext)).toEqual({
      statusCode: 204,
      headers: {},
      body: '',
      isBase64Encoded: false,
    });
  });

  it('may be a Response of another library', async () => {
    const foreign = {
      status: 203,
      headers: new Map([['x-a', 'b']]),
      arrayBuffer: async () => new TextEncoder().encode('own').buffer,
      body: null,
    };
    expect(await handlerOf(() => foreign)(netlifyEvent, lambdaContext)).toMatchObject({
      statusCode: 203,
      headers: { 'x-a': 'b' },
      body: 'own',
    });
  });

  it.each([
    [null, 'returned null'],
    [{ statusCode: 200 }, 'is for "export const handler"'],
    ['hello', "returned 'hello'"],
  ])('is an error that says what was returned for %j', async (value, message) => {
    await expect(handlerOf(() => value)(netlifyEvent, lambdaContext)).rejects.toThrow(message);
  });

  it('is the error that was thrown, with its name and stack', async () => {
    const error = new RangeError('too far');
    await expect(
      handlerOf(() => {
        throw error;
      })(netlifyEvent, lambdaContext),
    ).rejects.toBe(error);
  });

  it.each([undefined, null, 'text', { code: 1 }])(
    'is an Error when %j was thrown',
    async (thrown) => {
      const error: unknown = await handlerOf(async () => {
        throw thrown;
      })(netlifyEvent, lambdaContext).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        message: expect.stringContaining('Thrown, and not an Error'),
        cause: thrown,
      });
    },
  );
});

describe('a background v2 function', () => {
  it('has its response kept for its destination', async () => {
    const answer = (body: string | Uint8Array<ArrayBuffer>) =>
      handlerOf(() => new Response(body), { background: true })(netlifyEvent, lambdaContext);
    expect(await answer('done')).toEqual({
      statusCode: 200,
      contentType: 'text/plain;charset=UTF-8',
      body: 'done',
      isBase64Encoded: false,
    });
    expect(await answer(new Uint8Array([255]))).toEqual({
      statusCode: 200,
      body: '/w==',
      isBase64Encoded: true,
    });
    expect(await answer('é'.repeat(32_768))).toMatchObject({ body: 'é'.repeat(32_768) });
    expect(await answer(`${'é'.repeat(32_768)}x`)).toMatchObject({ bodyTooLong: true });
  });

  it.each([200, 404, 500])(
    'succeeds if it returns %d; only the status of a response that is too long is kept',
    async (status) => {
      const handler = handlerOf(() => new Response('x'.repeat(10_000_000), { status }), {
        background: true,
      });
      expect(await handler(netlifyEvent, lambdaContext)).toEqual({
        statusCode: status,
        bodyTooLong: true,
      });
    },
  );

  it.each([
    ['read already', (response: Response) => response.text()],
    ['being read', (response: Response) => response.body?.getReader().read()],
  ])('succeeds with a response whose body is %s, of which the status is kept', async (_, look) => {
    const handler = handlerOf(
      async () => {
        const answer = Response.json({ from: 'an API' }, { status: 201 });
        await look(answer);
        return answer;
      },
      { background: true },
    );
    expect(await handler(netlifyEvent, lambdaContext)).toEqual({
      statusCode: 201,
      contentType: 'application/json',
    });
  });

  it('has the stream that it returns read to its end', async () => {
    const done: number[] = [];
    const body = () =>
      new ReadableStream({
        pull(controller) {
          done.push(done.length);
          if (done.length < 5) controller.enqueue(new Uint8Array(1));
          else controller.close();
        },
      });
    await handlerOf(() => new Response(body()), { background: true })(netlifyEvent, lambdaContext);
    expect(done).toHaveLength(5);
  });

  it('fails when it throws', async () => {
    const handler = handlerOf(() => Promise.reject(new TypeError('no')), { background: true });
    await expect(handler(netlifyEvent, lambdaContext)).rejects.toThrow(TypeError);
  });
});

describe('the headers that only the platform may set', () => {
  const forged = {
    'x-nf-client-connection-ip': '192.0.2.66',
    'X-Netlify-Event': 'identity_validate',
    'x-bgfn-attempt': '3',
    'x-nf-geo': 'e30=',
    'x-kept': 'yes',
  };
  const shown = (req: Request, context: { ip: string; attempt: number }) =>
    Response.json([
      context.ip,
      context.attempt,
      req.headers.get('x-netlify-event'),
      req.headers.get('x-kept'),
    ]);

  it.each([
    ['API Gateway v1', gatewayV1Event],
    [
      'API Gateway v1 without a resource',
      { ...gatewayV1Event, requestContext: { apiId: 'abc', stage: 'prod' } },
    ],
    ['API Gateway v2', gatewayV2Event],
    ['a Function URL', functionUrlEvent],
    ['a load balancer', albSingleEvent],
    ['a load balancer with multi-value headers', albMultiEvent],
  ])('are not believed from %s', async (_caller, event) => {
    const headers = { ...('headers' in event ? event.headers : {}), ...forged };
    const multiValueHeaders =
      'multiValueHeaders' in event
        ? {
            ...event.multiValueHeaders,
            ...Object.fromEntries(Object.entries(forged).map(([name, value]) => [name, [value]])),
          }
        : undefined;
    const result = await handlerOf(shown)(
      { ...event, headers, ...(multiValueHeaders && { multiValueHeaders }) },
      lambdaContext,
    );
    expect(result).toMatchObject({ body: '["",1,null,"yes"]' });
  });

  it('do not choose the handler of an event', async () => {
    const handler = handlerOf({
      fetch: () => new Response('fetch'),
      userValidate: () => ({ user: {} }),
    });
    expect(
      await handler(
        { ...gatewayV2Event, headers: { ...gatewayV2Event.headers, ...forged } },
        lambdaContext,
      ),
    ).toMatchObject({ body: 'fetch' });
  });

  it('are removed from the event of a v1 function as well', async () => {
    const handler = createHandler(
      {
        handler: (event: { headers: Record<string, string> }) => ({
          statusCode: 200,
          body: Object.keys(event.headers).join(),
        }),
      },
      options,
    );
    expect(await handler({ ...functionUrlEvent, headers: forged }, lambdaContext)).toMatchObject({
      body: 'x-kept,cookie',
    });
  });

  it('are accepted if Netlify or bgfn set them', async () => {
    const event = { ...netlifyEvent, headers: forged, multiValueHeaders: undefined };
    expect(await handlerOf(shown)(event, lambdaContext)).toMatchObject({
      body: '["192.0.2.66",3,"identity_validate","yes"]',
    });
  });
});
