import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createLimiter } from '../../../src/runtime/http/limiter.ts';
import { answerSync } from '../../../src/runtime/http/sync.ts';
import type { SyncCall } from '../../../src/runtime/http/sync.ts';
import type { PlatformNote } from '../../../src/runtime/observe/log-sink.ts';
import type { RunOutcome } from '../../../src/worker/worker.ts';

const runnable = { name: 'shop', runtime: 'js', directory: '/nowhere', handler: 'shop.handler', environment: {}, version: '1' } as const;
const call = { fn: { name: 'shop', timeoutMs: 1000, runnable }, invocationId: 'one', payload: new Uint8Array(), onLog: () => undefined } as unknown as SyncCall;

/** A server whose every request is answered with `outcome`. */
class SyncRig implements AsyncDisposable {
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
    this.#server = createServer((_request, response) => {
      answerSync(call, response, {
        pool: { run: () => Promise.resolve(outcome) },
        limiter: createLimiter({ running: 1, waiting: 1 }),
        revealErrors: true,
        signal: new AbortController().signal,
        logs: { platform: (note) => void this.notes.push(note) },
      }).then(resolve, reject);
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

test('a call whose process the machine has no room for is 503, to be made again', async () => {
  await using rig = await SyncRig.start({ kind: 'not-started', durationMs: 1, failure: { reason: 'init', type: 'Runtime.SpawnError', message: 'spawn EAGAIN.' } });
  const response = await rig.fetch();
  expect([response.status, response.headers.get('retry-after'), response.headers.get('x-nf-request-id')]).toEqual([503, '1', 'one']);
  expect(await response.json()).toMatchObject({ errorType: 'Overloaded' });
  expect(rig.notes).toEqual([{ level: 'error', functionName: 'shop', invocationId: 'one', attempt: 1, text: 'spawn EAGAIN.' }]);
});
