import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  startRuntimeApi,
  type RuntimeApi,
} from '../../../../src/runtime/worker/runtime-api/runtime-api.ts';
import type { RunFailure } from '../../../../src/runtime/worker/worker.ts';

/**
 * Tests what bgfn's Runtime API reports to the pool, and what it does beyond Amazon's emulator. The
 * behaviour that both share is tested in `runtime-api-conformance.test.ts`.
 */
const nowMs = 1_700_000_000_000;
const offered = {
  requestId: 'id-1',
  payload: Buffer.from('{"ü":1}'),
  timeoutMs: 3000,
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
};
let api: RuntimeApi;
let seen: unknown[];
/** Called after every new event. */
let lookAgain: () => void;
let base: string;
let streamsEnded: number;

beforeEach(async () => {
  seen = [];
  lookAgain = () => undefined;
  streamsEnded = 0;
  const see = (what: unknown): void => {
    seen.push(what);
    lookAgain();
  };
  api = await startRuntimeApi(
    { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => undefined },
    {
      onReady: () => see('ready'),
      onTaken: () => see('taken'),
      onResponse: (body) => see({ response: Buffer.from(body).toString() }),
      onStream: ({ statusCode, headers, body }) => {
        see({ statusCode, headers });
        void new Response(body).text().then(
          (text) => see({ body: text }),
          (error: Error) => see({ broken: `${error.name}: ${error.message}` }),
        );
      },
      onStreamEnd: () => {
        streamsEnded += 1;
        return Promise.resolve();
      },
      onAskedAgain: () => undefined,
      onFailure: (failure, exiting) => see({ failure, exiting }),
      onInitFailure: (failure) => see({ init: failure }),
    },
  );
  base = `http://${api.address}/2018-06-01/runtime`;
});
afterEach(() => api.close());

const post = (
  path: string,
  body: string | Uint8Array<ArrayBuffer> = '{}',
  headers: Record<string, string> = {},
) => fetch(`${base}/${path}`, { method: 'POST', body, headers });
const problem = async (response: Response) => {
  const { errorType }: { errorType: string } = JSON.parse(await response.text());
  return [response.status, errorType];
};
const failures = () =>
  seen.filter(
    (one): one is { failure: RunFailure; exiting: boolean } =>
      typeof one === 'object' && one !== null && 'failure' in one,
  );

/** Resolves when `count` events were seen. */
function sight(count: number): Promise<void> {
  return new Promise((resolve) => {
    lookAgain = () => {
      if (seen.length >= count) resolve();
    };
    lookAgain();
  });
}

async function take(): Promise<Response> {
  api.offer(offered);
  const next = await fetch(`${base}/invocation/next`);
  await next.clone().text();
  return next;
}

describe('GET /runtime/invocation/next', () => {
  test('waits until there is an invocation', async () => {
    const next = fetch(`${base}/invocation/next`);
    await sight(1);
    expect(seen).toEqual(['ready']);
    api.offer(offered);
    expect(await (await next).text()).toBe('{"ü":1}');
    expect(seen).toEqual(['ready', 'taken']);
  });

  test('names a different trace for each invocation', async () => {
    const { headers } = await take();
    expect(headers.get('lambda-runtime-trace-id')).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
    );
    expect(headers.get('lambda-runtime-deadline-ms')).toBe(String(nowMs + 3000));
  });

  test('for an invocation that was sent before does not report it as taken twice', async () => {
    await take();
    expect(
      (await fetch(`${base}/invocation/next`)).headers.get('lambda-runtime-aws-request-id'),
    ).toBe('id-1');
    expect(seen).toEqual(['ready', 'taken']);
  });

  test('forgets a call whose connection has closed', async () => {
    const abort = new AbortController();
    const dropped = fetch(`${base}/invocation/next`, { signal: abort.signal }).catch(
      () => 'dropped',
    );
    await sight(1);
    abort.abort();
    await dropped;
    const next = fetch(`${base}/invocation/next`);
    // When this call is answered, all earlier calls have been handled.
    expect((await fetch(`http://${api.address}/`)).status).toBe(404);
    api.offer(offered);
    expect((await next).headers.get('lambda-runtime-aws-request-id')).toBe('id-1');
  });
});

describe('POST /runtime/invocation/{id}/response', () => {
  test('reports the result', async () => {
    await take();
    await post('invocation/id-1/response', '{"done":true}');
    expect(seen).toContainEqual({ response: '{"done":true}' });
  });

  test('with an unknown mode can be sent again', async () => {
    await take();
    expect(
      (
        await post('invocation/id-1/response', '{}', {
          'lambda-runtime-function-response-mode': 'buffered',
        })
      ).status,
    ).toBe(400);
    expect((await post('invocation/id-1/response', '"again"')).status).toBe(202);
    expect(seen).toEqual(['ready', 'taken', { response: '"again"' }]);
  });

  test('that breaks off is not a result', async () => {
    await take();
    const socket = connect({ host: '127.0.0.1', port: Number(api.address.split(':')[1]) });
    socket.write(
      `POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: ${api.address}\r\nContent-Length: 100\r\n\r\n{"half":`,
    );
    socket.end();
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(seen).toEqual(['ready', 'taken']);
    // An invocation whose answer had begun is not sent again.
    expect(await problem(await fetch(`${base}/invocation/next`))).toEqual([
      403,
      'InvalidStateTransition',
    ]);
    expect((await post('invocation/id-1/response', '"whole"')).status).toBe(202);
  });
});

describe('a streaming response', () => {
  const streaming = {
    'lambda-runtime-function-response-mode': 'streaming',
    'content-type': 'application/vnd.awslambda.http-integration-response',
    'transfer-encoding': 'chunked',
  };
  const preludeEnd = '\0'.repeat(8);

  test.each([
    ['at once', [`{"statusCode":207,"headers":{"x":"1"}}${preludeEnd}body`]],
    ['byte by byte', `{"statusCode":207,"headers":{"x":"1"}}${preludeEnd}body`.split('')],
  ])('is read from its prelude on, sent %s', async (_, chunks) => {
    await take();
    expect(await rawPost('invocation/id-1/response', chunks, streaming)).toBe(202);
    await sight(4);
    expect(seen).toEqual([
      'ready',
      'taken',
      { statusCode: 207, headers: [['x', '1']] },
      { body: 'body' },
    ]);
  });

  test('breaks with the error of its trailers', async () => {
    await take();
    const report = Buffer.from(
      JSON.stringify({ errorType: 'ignored', errorMessage: 'too late' }),
    ).toString('base64');
    await rawPost('invocation/id-1/response', [`{}${preludeEnd}x`], streaming, {
      'Lambda-Runtime-Function-Error-Type': 'Late.Error',
      'Lambda-Runtime-Function-Error-Body': report,
    });
    await sight(4);
    expect(seen).toContainEqual({ broken: 'ignored: too late' });
  });

  test.each([
    ['no prelude', 'just text'],
    ['a prelude that is no JSON', `{statusCode:200}${preludeEnd}`],
    ['a prelude that is not an object', `[1]${preludeEnd}`],
    ['a status code that is not a number', `{"statusCode":"ok"}${preludeEnd}`],
  ])('with %s is refused and fails the invocation', async (_, text) => {
    await take();
    expect(await rawPost('invocation/id-1/response', [text], streaming)).toBe(400);
    expect(failures()).toMatchObject([
      { failure: { reason: 'error', type: 'Runtime.InvalidResponsePrelude' } },
    ]);
    await take();
    await post('invocation/id-1/response');
    expect(streamsEnded).toBe(0);
  });
});

describe('POST /runtime/invocation/{id}/error', () => {
  test('accepts the report that Node sends', async () => {
    await take();
    const report = {
      errorType: 'TypeError',
      errorMessage: 'no',
      trace: ['TypeError: no', '    at f (f.mjs:1:1)'],
    };
    expect(
      (
        await post('invocation/id-1/error', JSON.stringify(report), {
          'lambda-runtime-function-error-type': 'TypeError',
        })
      ).status,
    ).toBe(202);
    expect(failures()).toEqual([
      {
        failure: {
          reason: 'error',
          type: 'TypeError',
          message: 'no',
          stack: 'TypeError: no\n    at f (f.mjs:1:1)',
        },
        exiting: false,
      },
    ]);
  });

  test('accepts the report that Go sends', async () => {
    await take();
    const report = {
      errorType: 'errorString',
      errorMessage: 'no',
      stackTrace: [{ path: 'main.go', line: 12, label: 'main.handle' }],
    };
    await post('invocation/id-1/error', JSON.stringify(report), {
      'lambda-runtime-function-xray-error-cause': 'x'.repeat(900_000),
    });
    expect(failures()).toMatchObject([
      { failure: { type: 'errorString', stack: '    at main.handle (main.go:12)' } },
    ]);
  });

  test.each([
    ['', 'Function.Broken', ''],
    ['not JSON', 'Function.Broken', 'not JSON'],
    ['null', 'Function.Broken', 'null'],
  ])('makes do with "%s"', async (body, type, message) => {
    await take();
    await post('invocation/id-1/error', body, { 'lambda-runtime-function-error-type': type });
    expect(failures()).toMatchObject([{ failure: { reason: 'error', type, message } }]);
  });

  test('larger than 1 MB fails the invocation with an explanation', async () => {
    await take();
    expect((await post('invocation/id-1/error', Buffer.alloc(8_000_000, 'a'))).status).toBe(202);
    expect(failures()).toMatchObject([
      { failure: { reason: 'error', message: 'The error report was larger than 1 MiB.' } },
    ]);
  });
});

describe('POST /runtime/init/error', () => {
  test('reports why the function cannot start', async () => {
    expect(
      (await post('init/error', JSON.stringify({ errorType: 'E', errorMessage: 'no module' })))
        .status,
    ).toBe(202);
    expect(seen).toEqual([{ init: { reason: 'init', type: 'E', message: 'no module' } }]);
  });
});

describe('a call', () => {
  test('from a web page is refused', async () => {
    api.offer(offered);
    expect(
      (await fetch(`${base}/invocation/next`, { headers: { origin: 'http://example.com' } }))
        .status,
    ).toBe(403);
    expect(
      await rawPost('invocation/id-1/response', ['{}'], {
        host: 'rebound.example',
        'transfer-encoding': 'chunked',
      }),
    ).toBe(403);
    expect(seen).toEqual([]);
  });
});

/** Posts a request with headers that `fetch` does not allow. Returns the status. */
function rawPost(
  path: string,
  body: Buffer | readonly string[],
  headers: Record<string, string>,
  trailers?: Record<string, string>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${base}/${path}`,
      {
        method: 'POST',
        headers: { ...headers, ...(trailers && { trailer: Object.keys(trailers).join(', ') }) },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      },
    );
    request.on('error', reject);
    if (trailers !== undefined) request.addTrailers(trailers);
    for (const chunk of Buffer.isBuffer(body) ? [body] : body) request.write(chunk);
    request.end();
  });
}
