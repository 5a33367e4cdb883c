import { describe, expect, test } from 'vitest';
import type { RunOutcome, StreamEnd } from '../../../src/runtime/worker/worker.ts';
import { DispatcherRig } from '../support/dispatcher-rig.ts';

test('a streamed answer is read to its end before the run has ended', async () => {
  await using rig = await DispatcherRig.create();
  const dispatcher = rig.dispatcher();
  await rig.accept('a');
  await rig.accept('b');
  await dispatcher.tick();
  const streamed = (body: ReadableStream<Uint8Array>, end: Promise<StreamEnd>): RunOutcome => ({
    kind: 'succeeded',
    durationMs: 5,
    response: { kind: 'streamed', statusCode: 200, headers: [], body, end },
  });
  const whole = () => new ReadableStream({ start: (controller) => controller.close() });
  const broken = () =>
    new ReadableStream({ start: (controller) => controller.error(new Error('it broke')) });
  const failure = {
    reason: 'timeout',
    type: 'Sandbox.Timedout',
    message: 'after its answer',
  } as const;
  (await rig.nextRun()).end(
    streamed(whole(), Promise.resolve({ kind: 'complete', durationMs: 70 })),
  );
  expect(await rig.event('succeeded')).toMatchObject({ durationMs: 70 });
  (await rig.nextRun()).end(
    streamed(broken(), Promise.resolve({ kind: 'failed', durationMs: 80, failure })),
  );
  expect(await rig.event('failed')).toMatchObject({ durationMs: 80, error: failure });
});

describe('the response that a destination gets', () => {
  const destinations = { onSuccess: 'https://example.com/ok', request: {} };
  /** The body of the delivery. */
  async function told(answer: string): Promise<string> {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a', 'send', { destinations });
    await dispatcher.tick();
    (await rig.nextRun()).end({
      kind: 'succeeded',
      durationMs: 5,
      response: { kind: 'buffered', body: Buffer.from(answer) },
    });
    await rig.event('succeeded');
    const [delivery] = await rig.elsewhere.claim({
      owner: 'two',
      free: { 'send:destination': 1 },
      limit: 1,
      nowMs: rig.clock.nowMs(),
      leaseMs: 30_000,
    });
    return (JSON.parse(Buffer.from(delivery!.payload).toString()) as { body: string }).body;
  }

  test('is the same text, however deeply it is nested', async () => {
    const answer = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await told(answer)).endsWith(`"response":${answer}}`)).toBe(true);
  });

  test('is reduced to its status when it is megabytes long', async () => {
    const outcome = JSON.parse(
      await told(JSON.stringify({ statusCode: 201, body: 'x'.repeat(5_000_000) })),
    ) as unknown;
    expect(outcome).toMatchObject({
      state: 'succeeded',
      response: { statusCode: 201, bodyTooLong: true },
    });
  });

  test('is null when it is not JSON', async () => {
    expect(JSON.parse(await told('{"half":'))).toMatchObject({
      state: 'succeeded',
      response: null,
    });
  });
});
