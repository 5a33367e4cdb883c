import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/**
 * A Runtime API, and the source of its invocations. The suite plays the part of the runtime client:
 * nothing else calls the API.
 */
export interface RuntimeApiUnderTest extends AsyncDisposable {
  /** `host:port`, the value that AWS_LAMBDA_RUNTIME_API would have. */
  readonly address: string;
  /** Offers an event. Resolves when a runtime client may ask for the event. */
  offer(event: string): Promise<Offered>;
}

export interface Offered {
  /**
   * What the caller receives: a response as it was posted, or an error as a JSON document with type
   * and message. Never settles if nobody answers.
   */
  readonly told: Promise<string>;
}

/** The settings that every implementation is started with. */
export const timeoutMs = 60_000;

interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Body {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Tests the Lambda Runtime API as a runtime client sees it, with raw HTTP. Both bgfn's Runtime API
 * and Amazon's emulator pass this suite, so every expectation holds for AWS too. The differences
 * between the two are listed in docs/runtime.md and tested beside each implementation.
 */
export function runtimeApiSuite(start: () => Promise<RuntimeApiUnderTest>): void {
  let api: RuntimeApiUnderTest;
  let told: Promise<string>;
  beforeEach(async () => {
    api = await start();
  });
  afterEach(() => api[Symbol.asyncDispose]());

  const get = (path: string): Promise<Exchange> => exchange(api.address, 'GET', path);
  const post = (path: string, more: Body = { body: '{}' }): Promise<Exchange> =>
    exchange(api.address, 'POST', path, more);

  /** Offers an event and takes it. Returns the response of `invocation/next` and the id in it. */
  async function take(event = '{}'): Promise<Exchange & { id: string }> {
    ({ told } = await api.offer(event));
    const next = await get('invocation/next');
    return { ...next, id: String(next.headers['lambda-runtime-aws-request-id']) };
  }

  /**
   * Returns what the caller receives. An invocation is over when the runtime client asks for the
   * next one.
   */
  async function outcome(): Promise<string> {
    // No event is offered any more: the call waits until the API is closed.
    get('invocation/next').catch(() => undefined);
    return await told;
  }

  describe('GET invocation/next', () => {
    test('returns the event with the headers of its invocation', async () => {
      const before = Date.now();
      const next = await take('{"ü":[1,2]}');
      expect(next.status).toBe(200);
      expect(next.body).toBe('{"ü":[1,2]}');
      expect(next.headers['content-type']).toBe('application/json');
      expect(next.id).toMatch(/^[\w-]+$/);
      expect(next.headers['lambda-runtime-invoked-function-arn']).toMatch(
        /^arn:aws:lambda:[\w-]+:\d{12}:function:f$/,
      );
      const deadline = String(next.headers['lambda-runtime-deadline-ms']);
      expect(deadline).toMatch(/^\d{13}$/);
      expect(Number(deadline)).toBeGreaterThanOrEqual(before + timeoutMs);
      expect(Number(deadline)).toBeLessThanOrEqual(Date.now() + timeoutMs);
    });

    test('returns the same invocation again until it is answered', async () => {
      const first = await take('{"n":1}');
      const second = await get('invocation/next');
      expect([second.status, second.body]).toEqual([200, '{"n":1}']);
      for (const name of ['lambda-runtime-aws-request-id', 'lambda-runtime-deadline-ms']) {
        expect(second.headers[name]).toBe(first.headers[name]);
      }
      expect((await post(`invocation/${first.id}/response`)).status).toBe(202);
      expect(await outcome()).toBe('{}');
    });

    test('returns the next invocation after the last one was answered', async () => {
      const first = await take();
      await post(`invocation/${first.id}/response`);
      const next = get('invocation/next');
      await told;
      await api.offer('{"n":2}');
      const second = await next;
      expect(second.body).toBe('{"n":2}');
      expect(second.headers['lambda-runtime-aws-request-id']).not.toBe(first.id);
    });
  });

  describe('POST invocation/{id}/response', () => {
    test.each([
      ['JSON', '{"done":true}'],
      ['text', 'not JSON'],
      ['nothing', ''],
      ['a JSON string in UTF-8', '"Grüße 東京 🎉"'],
    ])('takes %s and hands it on as it is', async (_what, body) => {
      const { id } = await take();
      expect(await post(`invocation/${id}/response`, { body })).toEqual(accepted);
      expect(await outcome()).toBe(body);
    });

    test('is refused a second time, and so is an error after a response', async () => {
      const { id } = await take();
      await post(`invocation/${id}/response`, { body: '"first"' });
      expect(problem(await post(`invocation/${id}/response`, { body: '"second"' }))).toEqual([
        403,
        'InvalidStateTransition',
      ]);
      expect(problem(await post(`invocation/${id}/error`))).toEqual([
        403,
        'InvalidStateTransition',
      ]);
      expect(await outcome()).toBe('"first"');
    });

    test.each([
      ['with its length', true],
      ['in chunks', false],
    ])(
      'accepts 6 MB and 100 bytes, and fails the invocation with an explanation if there is one byte more (sent %s)',
      async (_how, declared) => {
        const limit = 6_291_556;
        const headers = (length: number): Record<string, string> =>
          declared ? { 'content-length': String(length) } : { 'transfer-encoding': 'chunked' };
        const { id } = await take();
        const refused = await post(`invocation/${id}/response`, {
          body: Buffer.alloc(limit + 1, 'a'),
          headers: headers(limit + 1),
        });
        expect(problem(refused)).toEqual([413, 'RequestEntityTooLarge']);
        expect(refused.body).toContain('Exceeded maximum allowed payload size (6291556 bytes).');
        expect(problem(await post(`invocation/${id}/response`))).toEqual([
          403,
          'InvalidStateTransition',
        ]);
        const next = get('invocation/next');
        const failure: unknown = JSON.parse(await told);
        expect(failure).toMatchObject({
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: expect.stringMatching(
            /exceeded maximum allowed payload size \(6291556 bytes\)\.$/,
          ),
        });
        ({ told } = await api.offer('{}'));
        const again = String((await next).headers['lambda-runtime-aws-request-id']);
        expect(
          await post(`invocation/${again}/response`, {
            body: Buffer.alloc(limit, 'a'),
            headers: headers(limit),
          }),
        ).toEqual(accepted);
        expect((await outcome()).length).toBe(limit);
      },
    );

    test('accepts no response mode but streaming', async () => {
      const { id } = await take();
      expect(
        problem(
          await post(`invocation/${id}/response`, {
            headers: { 'lambda-runtime-function-response-mode': 'Buffered' },
          }),
        ),
      ).toEqual([400, 'InvalidFunctionResponseMode']);
    });

    test('accepts a stream', async () => {
      const { id } = await take();
      const headers = {
        'lambda-runtime-function-response-mode': 'streaming',
        'content-type': 'application/vnd.awslambda.http-integration-response',
        'transfer-encoding': 'chunked',
      };
      expect(
        await post(`invocation/${id}/response`, {
          body: `{"statusCode":207}${'\0'.repeat(8)}body`,
          headers,
        }),
      ).toEqual(accepted);
      expect(problem(await post(`invocation/${id}/response`))).toEqual([
        403,
        'InvalidStateTransition',
      ]);
      expect(await outcome()).toMatch(/body$/);
    });
  });

  describe('POST invocation/{id}/error', () => {
    test('accepts the report of an error, and continues with the next invocation', async () => {
      const { id } = await take();
      const report = {
        errorType: 'QuotaError',
        errorMessage: 'no more mail today',
        stackTrace: [{ path: 'main.go', line: 12, label: 'main.handle' }],
      };
      const cause = JSON.stringify({
        working_directory: '/',
        exceptions: [],
        paths: ['x'.repeat(100_000)],
      });
      expect(
        await post(`invocation/${id}/error`, {
          body: JSON.stringify(report),
          headers: {
            'lambda-runtime-function-error-type': 'QuotaError',
            'lambda-runtime-function-xray-error-cause': cause,
          },
        }),
      ).toEqual(accepted);
      expect(problem(await post(`invocation/${id}/response`))).toEqual([
        403,
        'InvalidStateTransition',
      ]);
      const next = get('invocation/next');
      expect(JSON.parse(await told)).toMatchObject({
        errorType: 'QuotaError',
        errorMessage: 'no more mail today',
      });
      await api.offer('{"n":2}');
      expect((await next).body).toBe('{"n":2}');
    });

    test.each([['text that is not JSON'], ['']])('accepts a report that is "%s"', async (body) => {
      const { id } = await take();
      expect(await post(`invocation/${id}/error`, { body })).toEqual(accepted);
    });
  });

  describe('an id', () => {
    test.each(['response', 'error'])('that is not running is refused (%s)', async (action) => {
      expect(problem(await post(`invocation/unknown/${action}`))).toEqual([
        400,
        'InvalidRequestID',
      ]);
      const { id } = await take();
      for (const other of ['unknown', `${id}0`, id.slice(0, -1), '']) {
        expect(problem(await post(`invocation/${other}/${action}`))).toEqual([
          400,
          'InvalidRequestID',
        ]);
      }
      expect(await post(`invocation/${id}/response`)).toEqual(accepted);
    });
  });

  describe('POST init/error', () => {
    const report = {
      body: JSON.stringify({ errorType: 'Runtime.ImportModuleError', errorMessage: 'no module' }),
      headers: { 'lambda-runtime-function-error-type': 'Runtime.ImportModuleError' },
    };

    test('is accepted once, and every later call is refused', async () => {
      await api.offer('{}');
      expect(await post('init/error', report)).toEqual(accepted);
      expect(problem(await post('init/error', report))).toEqual([403, 'InvalidStateTransition']);
      expect(problem(await get('invocation/next'))).toEqual([403, 'InvalidStateTransition']);
    });

    test('is refused once an invocation was taken', async () => {
      const { id } = await take();
      expect(problem(await post('init/error', report))).toEqual([403, 'InvalidStateTransition']);
      expect(await post(`invocation/${id}/response`)).toEqual(accepted);
    });
  });

  describe('anything else', () => {
    test.each([
      ['GET', 'invocation/x/response', 405, 'POST'],
      ['GET', 'invocation/x/error', 405, 'POST'],
      ['GET', 'init/error', 405, 'POST'],
      ['POST', 'invocation/next', 405, 'GET'],
      ['DELETE', 'invocation/next', 405, 'GET'],
      ['POST', 'invocation/x/other', 404, undefined],
      ['POST', 'invocation/x/response/', 404, undefined],
      ['GET', 'invocation/next/', 404, undefined],
      ['GET', 'invocation', 404, undefined],
      ['GET', '', 404, undefined],
    ])('%s %s is %i', async (method, path, status, allow) => {
      const answer = await exchange(api.address, method, path);
      expect([answer.status, answer.headers['allow']]).toEqual([status, allow]);
    });

    test('another version of the API does not exist', async () => {
      expect(
        (await exchange(api.address, 'GET', '/2030-01-01/runtime/invocation/next')).status,
      ).toBe(404);
    });
  });
}

const accepted = {
  status: 202,
  headers: expect.objectContaining({ 'content-type': 'application/json' }),
  body: expect.stringMatching(/^{"status":"OK"}\n?$/),
};

/**
 * Returns the status and error type of a refusal, and checks that its document contains only type
 * and message.
 */
function problem({ status, headers, body }: Exchange): [number, string] {
  const document: unknown = JSON.parse(body);
  expect([headers['content-type'], document]).toEqual([
    'application/json',
    { errorType: expect.any(String), errorMessage: expect.any(String) },
  ]);
  return [status, (document as { errorType: string }).errorType];
}

/** Sends one request on a connection of its own. */
function exchange(
  address: string,
  method: string,
  path: string,
  { body = '', headers = {} }: Body = {},
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const [host, port] = address.split(':');
    const target = path.startsWith('/') ? path : `/2018-06-01/runtime/${path}`;
    const request = httpRequest(
      { host, port, method, path: target, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(method === 'POST' ? body : undefined);
  });
}
