import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createLimiter } from '../../../src/runtime/http/limiter.ts';
import type { PlatformNote } from '../../../src/runtime/observe/log-sink.ts';
import type { RunOutcome, StreamEnd } from '../../../src/runtime/worker/worker.ts';
import { syncListener } from './support/sync-listener.ts';

/** A server whose every request is answered with `outcome`. */
class SyncRig implements AsyncDisposable {
  readonly limiter = createLimiter({ running: 1, waiting: 1 });
  readonly notes: PlatformNote[] = [];
  readonly answered: Promise<void>;
  readonly #server;

  static async start(outcome: RunOutcome): Promise<SyncRig> {
    const rig = new SyncRig(outcome);
    rig.#server.listen(0, '127.0.0.1');
    await once(rig.#server, 'listening');
    return rig;
  }

  private constructor(outcome: RunOutcome) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.answered = promise;
    const answer = syncListener(outcome, {
      limiter: this.limiter,
      logs: { platform: (note) => void this.notes.push(note), forRun: () => () => {} },
    });
    this.#server = createServer((request, response) => {
      answer(request, response).then(resolve, reject);
    });
  }

  fetch(): Promise<Response> {
    return fetch(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

test('a call for whose process the machine has no room gets 503 with Retry-After', async () => {
  await using rig = await SyncRig.start({
    kind: 'not-started',
    durationMs: 1,
    failure: { reason: 'init', type: 'Runtime.SpawnError', message: 'spawn EAGAIN.' },
  });
  const response = await rig.fetch();
  expect([
    response.status,
    response.headers.get('retry-after'),
    response.headers.get('x-nf-request-id'),
  ]).toEqual([503, '1', 'one']);
  expect(await response.json()).toMatchObject({ errorType: 'Overloaded' });
  expect(rig.notes).toEqual([
    {
      level: 'error',
      functionName: 'shop',
      invocationId: 'one',
      attempt: 1,
      text: 'spawn EAGAIN.',
    },
  ]);
});

describe('a streamed answer', () => {
  const streamed = (
    end: Promise<StreamEnd>,
    body: string | ReadableStream<Uint8Array<ArrayBuffer>> = 'all of it',
  ): RunOutcome => ({
    kind: 'succeeded',
    durationMs: 1,
    response: {
      kind: 'streamed',
      statusCode: 200,
      headers: [['content-type', 'text/event-stream']],
      body: new Response(body).body ?? new ReadableStream(),
      end,
    },
  });
  const complete = { kind: 'complete', durationMs: 9 } as const;

  test('has its head sent before the first bytes of its body exist', async () => {
    const { readable, writable } = new TransformStream<
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>
    >();
    await using rig = await SyncRig.start(streamed(Promise.resolve(complete), readable));
    const response = await rig.fetch();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream',
    ]);
    const writer = writable.getWriter();
    await writer.write(Buffer.from('data: 1'));
    await writer.close();
    expect(await response.text()).toBe('data: 1');
  });

  test('is followed by a log line with the stack if the function fails after it', async () => {
    const failure = {
      reason: 'error',
      type: 'TypeError',
      message: 'too late',
      stack: 'TypeError: too late\n    at shop.mts:3:1',
    } as const;
    await using rig = await SyncRig.start(
      streamed(Promise.resolve({ kind: 'failed', durationMs: 9, failure })),
    );
    expect(await (await rig.fetch()).text()).toBe('all of it');
    await rig.answered;
    expect(rig.notes).toEqual([
      {
        level: 'error',
        functionName: 'shop',
        invocationId: 'one',
        attempt: 1,
        text: 'failed after its answer had begun (error): TypeError: too late\n    at shop.mts:3:1',
      },
    ]);
  });

  test('keeps its place among the running calls until the function has finished', async () => {
    const end = Promise.withResolvers<StreamEnd>();
    await using rig = await SyncRig.start(streamed(end.promise));
    expect(await (await rig.fetch()).text()).toBe('all of it');
    const seen: string[] = [];
    const empty = rig.limiter.empty().then(() => seen.push('empty'));
    await new Promise((resolve) => setImmediate(resolve));
    seen.push('done');
    end.resolve(complete);
    await empty;
    await rig.answered;
    expect(seen).toEqual(['done', 'empty']);
    expect(rig.notes).toEqual([]);
  });
});
