import { Writable } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { createHandler } from '../../src/adapter/index.ts';
import { lambdaContext, netlifyEvent } from './support/call-events.ts';

type Streaming = (event: unknown, stream: Writable, context: unknown) => Promise<void>;

/** Returns a handler on a streaming platform, and the data that it sends. */
function streamingHandler(fn: unknown) {
  const sent = { head: undefined as unknown, chunks: [] as string[] };
  vi.stubEnv('BGFN_RESPONSE_MODE', 'streaming');
  vi.stubGlobal('awslambda', {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: {
      from: (stream: Writable, head: unknown) => Object.assign(stream, void (sent.head = head)),
    },
  });
  const handler = createHandler(
    { default: fn },
    { name: 'x', background: false, routes: [] },
  ) as unknown as Streaming;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sent.chunks.push(chunk.toString());
      done();
    },
  });
  return { sent, stream, run: () => handler(netlifyEvent, stream, lambdaContext) };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

it('streams chunk by chunk, with the cookies of the context in the head', async () => {
  const { sent, run } = streamingHandler(
    (_: Request, context: { cookies: { set(name: string, value: string): void } }) => {
      context.cookies.set('a', '1');
      return new Response(ReadableStream.from(['one', 'two'].map((text) => Buffer.from(text))), {
        status: 202,
      });
    },
  );
  await run();
  expect(sent.head).toEqual({ statusCode: 202, headers: {}, cookies: ['a=1'] });
  expect(sent.chunks.filter(Boolean)).toEqual(['one', 'two']);
});

it('writes even if there is no body, because the head is sent with the first write', async () => {
  const { sent, run } = streamingHandler(() => undefined);
  await run();
  expect(sent).toEqual({ head: { statusCode: 204, headers: {} }, chunks: [''] });
});

it('leaves the stream open so that the error of a broken body can be reported', async () => {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new RangeError('broke')),
  });
  const { stream, run } = streamingHandler(() => new Response(body));
  await expect(run()).rejects.toThrow('broke');
  expect(stream.destroyed).toBe(false);
});

it('cancels the body when the runtime reports that nobody reads it any more, and the call succeeds', async () => {
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('one')),
    cancel: () => cancelled.resolve(),
  });
  const { sent, stream, run } = streamingHandler(() => new Response(body));
  const done = run();
  const written = stream.write.bind(stream);
  const first = Promise.withResolvers<void>();
  stream.write = (chunk: unknown, ...more: never[]) => {
    if (String(chunk) === 'one') first.resolve();
    return written(chunk, ...more);
  };
  await first.promise;
  stream.emit('unread');
  await Promise.all([done, cancelled.promise]);
  expect(sent.chunks.filter(Boolean)).toEqual(['one']);
  expect(stream.writableEnded).toBe(true);
});

it('turns every thrown value into an Error', async () => {
  const { run } = streamingHandler(() => Promise.reject(new Error('unused', { cause: 1 }).cause));
  await expect(run()).rejects.toThrow('not an Error: 1');
});
