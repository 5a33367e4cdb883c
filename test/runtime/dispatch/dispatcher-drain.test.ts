import { describe, expect, test } from 'vitest';
import type { RunOutcome, RunRequest, StreamEnd } from '../../../src/runtime/worker/worker.ts';
import { DispatcherRig, retry, succeeded } from '../support/dispatcher-rig.ts';

describe('drain', () => {
  test('waits for the running invocations and claims no more', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.start();
    const run = await rig.nextRun();
    const drained = dispatcher.drain(10_000);
    await rig.accept('b');
    dispatcher.wake();
    run.end(succeeded);
    await drained;
    expect(run.request.signal?.aborted).toBe(false);
    expect((await rig.elsewhere.get('a'))?.invocation.state).toBe('succeeded');
    expect((await rig.elsewhere.get('b'))?.invocation).toMatchObject({
      state: 'queued',
      attempt: 0,
    });
    expect(rig.runsWaiting).toBe(0);
  });

  test('stops runs that outlast the grace period and puts their invocations back without counting the attempt', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.start();
    const run = await rig.nextRun();
    await dispatcher.drain(0);
    expect(run.request.signal?.aborted).toBe(true);
    expect(await rig.elsewhere.get('a')).toMatchObject({
      invocation: { state: 'queued', attempt: 0, availableAtMs: rig.clock.nowMs() },
      attempts: [{ outcome: 'released' }],
    });
    await rig.event('released');
  });
});

test('a run that a drain cuts off while its answer streams is put back like any other', async () => {
  await using rig = await DispatcherRig.create();
  const run = (_fn: unknown, { signal }: RunRequest) =>
    // As in the pool, the head of the answer is a success, and an abort breaks the body.
    Promise.resolve<RunOutcome>({
      kind: 'succeeded',
      durationMs: 5,
      response: {
        kind: 'streamed',
        statusCode: 200,
        headers: [],
        body: new ReadableStream({
          start: (controller) =>
            signal?.addEventListener('abort', () => controller.error(new Error('broken off'))),
        }),
        end: new Promise<StreamEnd>((resolve) =>
          signal?.addEventListener('abort', () => resolve({ kind: 'aborted', durationMs: 1 })),
        ),
      },
    });
  const dispatcher = rig.dispatcher({ run });
  await rig.accept('a', 'send', { retry: { ...retry, maxAttempts: 1 } });
  await dispatcher.start();
  await dispatcher.drain(0);
  await rig.event('released');
  expect(await rig.elsewhere.get('a')).toMatchObject({
    invocation: { state: 'queued', attempt: 0 },
    attempts: [{ outcome: 'released' }],
  });
});
