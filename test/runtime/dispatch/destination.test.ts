import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../../src/runtime/dispatch/destination.ts';
import { signBody } from '../../../src/runtime/dispatch/sign-body.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import type { CallOutcome } from '../../../src/runtime/queue/delivery.ts';
import { writeArtifacts, type TestFunction } from '../support/artifacts.ts';
import { Rig } from '../support/rig.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly outcome: CallOutcome;
}

/** A real HTTP server that answers with the given statuses, one after the other, and then with 200. */
class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #statuses: (number | 'hang up' | 'hold')[];
  readonly #server = createServer(async (request, response) => {
    const body = await text(request);
    const status = this.#statuses.shift() ?? 200;
    this.received.push({
      headers: request.headers,
      body,
      outcome: JSON.parse(body) as CallOutcome,
    });
    if (status === 'hang up') {
      request.socket.destroy();
    } else if (status !== 'hold') {
      response
        .writeHead(status, status === 302 ? { location: '/elsewhere' } : {})
        .end(status === 200 ? 'thanks' : 'not now <b>');
    }
    for (const wake of this.#waiting) wake();
  });
  readonly #waiting = new Set<() => void>();

  constructor(statuses: readonly (number | 'hang up' | 'hold')[]) {
    this.#statuses = [...statuses];
  }

  static async start(...statuses: readonly (number | 'hang up' | 'hold')[]): Promise<Receiver> {
    const receiver = new Receiver(statuses);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?key=hidden`;
  }

  async count(wanted: number): Promise<readonly Received[]> {
    while (this.received.length < wanted) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return this.received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const secret = 'a long shared secret';
const source = `export const handler = async (event) => {
  if (event.body === 'bad') throw new TypeError('no such order');
  console.log('sees secret: ' + JSON.stringify(process.env).includes('${secret}'));
  return { statusCode: 201, contentType: 'text/plain', body: 'order made' };
};`;
/** Runs until a file exists. */
const untilDeployed = `import { existsSync } from 'node:fs';
export const handler = async (event) => { console.log('waits'); while (!existsSync(event.body)) await new Promise((resolve) => setTimeout(resolve, 5)); };`;
const work = (destinations: NonNullable<TestFunction['destinations']>): TestFunction => ({
  name: 'order-background',
  source,
  destinations,
});
const call = (rig: Rig, body: string) =>
  rig.call('/.netlify/functions/order-background?from=shop', {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain' },
  });
const options = { retryDelaysSeconds: [0, 0], webhookSecret: secret };

describe('a destination', () => {
  test('gets a success with the same signed body at every attempt, until it accepts', async () => {
    await using receiver = await Receiver.start(500, 'hang up', 302);
    await using rig = await Rig.start([work({ onSuccess: receiver.url })], options);
    const id = (await call(rig, 'good')).headers.get('x-nf-request-id');
    const received = await receiver.count(4);
    await rig.line(/the destination took the outcome/);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const { body, headers, outcome } = received[0]!;
    expect(outcome).toMatchObject({
      version: 1,
      id,
      function: 'order-background',
      state: 'succeeded',
      attempts: [{ number: 1, outcome: 'succeeded' }],
      request: {
        method: 'POST',
        url: `${rig.runtime.url}/.netlify/functions/order-background?from=shop`,
      },
      response: { statusCode: 201, body: 'order made' },
    });
    const [head = '', claims = '', signature] = String(headers['x-webhook-signature']).split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'JWT',
    });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iss: 'bgfn',
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    expect(signature).toBe(
      createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url'),
    );
    await rig.line(/sees secret: false/);
    const lines = rig.lines
      .filter(({ text: line }) => line.includes('could not be delivered'))
      .map(({ text: line }) => line);
    expect(lines).toEqual([
      expect.stringMatching(/\/hook answered 500: not now <b>/),
      expect.stringMatching(/\/hook cannot be reached/),
      expect.stringMatching(/\/hook answered 302/),
    ]);
    expect(lines.join()).not.toContain('hidden');
  });

  test('gets a failure after the last attempt', async () => {
    await using receiver = await Receiver.start();
    await using rig = await Rig.start(
      [work({ onSuccess: 'http://127.0.0.1:9/', onFailure: receiver.url })],
      { retryDelaysSeconds: [0, 0] },
    );
    await rig.line(/unsigned; set BGFN_WEBHOOK_SECRET/);
    await call(rig, 'bad');
    const [{ outcome, headers }] = (await receiver.count(1)) as [Received];
    const error = { reason: 'error', type: 'TypeError', message: 'no such order' };
    expect(outcome).toMatchObject({
      state: 'failed',
      error,
      attempts: [{ error }, { error }, { error }],
      response: null,
    });
    expect(headers['x-webhook-signature']).toBeUndefined();
    await rig.line(/took the outcome/);
    const metrics = await (await rig.admin('/metrics')).text();
    expect(metrics).toContain(
      'bgfn_destination_attempts_total{function="order-background",outcome="succeeded"} 1',
    );
    expect(metrics).not.toContain('bgfn_attempts_total{function="order-background:destination"');
  });

  test('gets the outcome from the next runtime if the first one ended before the delivery', async () => {
    await using receiver = await Receiver.start('hold');
    const root = await mkdtemp(path.join(tmpdir(), 'bgfn-destination-'));
    try {
      await writeArtifacts(path.join(root, 'artifacts'), [work({ onSuccess: receiver.url })]);
      const start = () =>
        startRuntime({
          artifactsDirectory: path.join(root, 'artifacts'),
          storeFile: path.join(root, 'queue.db'),
          port: 0,
        });
      const first = await start();
      await fetch(`${first.url}/.netlify/functions/order-background`, {
        method: 'POST',
        body: 'good',
      });
      await receiver.count(1);
      await first.close({ drainTimeoutMs: 0 });
      const second = await start();
      const [before, after] = await receiver.count(2);
      expect(after?.body).toBe(before?.body);
      await second.close();
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  test('gets the outcomes of a function that is no longer deployed', async () => {
    await using receiver = await Receiver.start('hold');
    const root = await mkdtemp(path.join(tmpdir(), 'bgfn-destination-'));
    const artifacts = path.join(root, 'artifacts');
    const start = () =>
      startRuntime({
        artifactsDirectory: artifacts,
        storeFile: path.join(root, 'queue.db'),
        port: 0,
      });
    try {
      await writeArtifacts(artifacts, [work({ onSuccess: receiver.url })]);
      const first = await start();
      await fetch(`${first.url}/.netlify/functions/order-background`, {
        method: 'POST',
        body: 'told by the next runtime',
      });
      await receiver.count(1);
      await first.close({ drainTimeoutMs: 0 });
      await writeArtifacts(artifacts, [{ name: 'other' }]);
      const second = await start();
      const [before, after] = await receiver.count(2);
      expect(after?.body).toBe(before?.body);
      await second.close();
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  test('gets the outcome of a run that ends after its function was removed', async () => {
    await using receiver = await Receiver.start();
    await using rig = await Rig.start(
      [{ ...work({ onSuccess: receiver.url }), source: untilDeployed }],
      options,
    );
    await call(rig, path.join(rig.root, 'artifacts', 'other.zip'));
    await rig.line(/^waits$/);
    await rig.deploy([{ name: 'later' }]);
    await rig.runtime.reload();
    await rig.deploy([{ name: 'other' }]);
    expect((await receiver.count(1))[0]?.outcome).toMatchObject({
      function: 'order-background',
      state: 'succeeded',
    });
  });

  test.each([
    ['me:s%40cret@', 'me:s@cret'],
    ['me@', 'me:'],
    [':100%25%zz@', ':100%25%zz'],
  ])(
    'with a user in its URL (%s) gets the credentials in a header, and they are never shown',
    async (credentials, pair) => {
      await using receiver = await Receiver.start(500);
      const deliver = createDelivery({});
      const url = receiver.url.replace('//', `//${credentials}`);
      const outcome = await deliver({
        invocationId: 'x',
        attempt: 1,
        payload: Buffer.from(JSON.stringify({ url, body: '{}' })),
        timeoutMs: 60_000,
        onLog: () => undefined,
      });
      expect(outcome).toMatchObject({
        failure: {
          type: 'DestinationRefused',
          message: `${new URL('/hook', receiver.url).href} answered 500: not now <b>`,
        },
      });
      expect(receiver.received[0]?.headers.authorization).toBe(
        `Basic ${Buffer.from(pair).toString('base64')}`,
      );
    },
  );

  test('that never answers is given up after the timeout', async () => {
    const deliver = createDelivery({
      fetch: (_url, init) =>
        new Promise((_resolve, reject) =>
          init?.signal?.aborted === true
            ? reject(new Error('aborted'))
            : init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    });
    const request = {
      invocationId: 'x',
      attempt: 1,
      payload: Buffer.from(JSON.stringify({ url: 'http://example.test/a?b', body: '{}' })),
      onLog: () => undefined,
    };
    expect(await deliver({ ...request, timeoutMs: 1 })).toMatchObject({
      kind: 'failed',
      failure: { reason: 'timeout', type: 'DestinationTimeout' },
    });
    expect(
      await deliver({ ...request, timeoutMs: 60_000, signal: AbortSignal.abort() }),
    ).toMatchObject({ kind: 'aborted' });
  });

  test('gets the same signature for the same body', () => {
    expect(signBody('{}', 's')).toBe(signBody('{}', 's'));
    expect(signBody('{}', 's')).not.toBe(signBody('{} ', 's'));
  });
});
