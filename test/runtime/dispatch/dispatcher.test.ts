import { describe, expect, test } from 'vitest';
import { deliveryFunction } from '../../../src/runtime/dispatch/destination.ts';
import { DispatcherRig, failed, fn, succeeded } from '../support/dispatcher-rig.ts';

describe('the retry schedule', () => {
  test('is 60 s after the first failure and 120 s after the second, to the millisecond; the third is the last', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');

    await dispatcher.tick();
    (await rig.nextRun()).end(failed());
    expect((await rig.event('failed')).next).toMatchObject({
      state: 'queued',
      availableAtMs: rig.clock.nowMs() + 60_000,
    });

    rig.clock.advance(59_999);
    expect(await dispatcher.tick()).toBe(1);
    expect(rig.runsWaiting).toBe(0);
    rig.clock.advance(1);
    await dispatcher.tick();
    (await rig.nextRun()).end(failed('timeout'));
    expect((await rig.event('failed')).next).toMatchObject({
      state: 'queued',
      availableAtMs: rig.clock.nowMs() + 120_000,
    });

    rig.clock.advance(119_999);
    await dispatcher.tick();
    expect(rig.runsWaiting).toBe(0);
    rig.clock.advance(1);
    await dispatcher.tick();
    (await rig.nextRun()).end(failed('crash'));
    expect((await rig.event('failed')).next).toMatchObject({ state: 'failed' });

    const detail = await rig.elsewhere.get('a');
    expect(detail?.invocation).toMatchObject({ state: 'failed', attempt: 3 });
    expect(detail?.attempts.map(({ error }) => error?.reason)).toEqual([
      'error',
      'timeout',
      'crash',
    ]);
  });

  test('passes the number of the attempt to the function', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    const attempts: unknown[] = [];
    for (const delay of [60_000, 120_000, 0]) {
      await dispatcher.tick();
      const run = await rig.nextRun();
      attempts.push([
        run.request.attempt,
        JSON.parse(Buffer.from(run.request.payload).toString()).headers['x-bgfn-attempt'],
      ]);
      run.end(failed());
      await rig.event('failed');
      rig.clock.advance(delay);
    }
    expect(attempts).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '3'],
    ]);
  });

  test('can be shortened for development', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher({ retryDelaysSeconds: [2, 4] });
    await rig.accept('a');
    await dispatcher.tick();
    (await rig.nextRun()).end(failed());
    expect((await rig.event('failed')).next).toMatchObject({
      availableAtMs: rig.clock.nowMs() + 2000,
    });
    expect((await rig.elsewhere.get('a'))?.invocation).toMatchObject({
      availableAtMs: rig.clock.nowMs() + 2000,
    });
  });

  test('applies to a run that fails because of a bug of ours', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    (await rig.nextRun()).throw(new Error('a bug'));
    expect(await rig.event('failed')).toMatchObject({
      error: { reason: 'crash', message: 'a bug' },
      next: { state: 'queued' },
    });
  });
});

describe('slots', () => {
  test('limit one function and all functions together', async () => {
    await using rig = await DispatcherRig.create([
      fn('send'),
      fn('mail'),
      fn('solo', { concurrency: 1 }),
    ]);
    const dispatcher = rig.dispatcher({ concurrency: 6, perFunctionConcurrency: 4 });
    for (let index = 0; index < 10; index += 1) {
      await rig.accept(`s${index}`, 'send');
      await rig.accept(`m${index}`, 'mail');
      await rig.accept(`o${index}`, 'solo');
    }
    await dispatcher.tick();
    expect(dispatcher.stats()).toEqual({ running: 6, concurrency: 6, draining: false });
    const names: string[] = [];
    for (let index = 0; index < 6; index += 1) names.push((await rig.nextRun()).fn.name);
    expect(names.filter((name) => name === 'solo')).toHaveLength(1);
    expect(names.filter((name) => name === 'send').length).toBeLessThanOrEqual(4);
  });

  test('are taken again as soon as they are free', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher({ concurrency: 1 });
    await rig.accept('a');
    await rig.accept('b');
    await dispatcher.start();
    const first = await rig.nextRun();
    expect(rig.runsWaiting).toBe(0);
    first.end(succeeded);
    expect((await rig.nextRun()).request.invocationId).toBe('b');
    await dispatcher.drain(0);
  });

  test('are taken by deliveries up to a quarter, over all functions and in one claim', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await using rig = await DispatcherRig.create([...names.map(deliveryFunction), fn('work')]);
    for (const name of names) {
      for (let index = 0; index < 3; index += 1) await rig.acceptDelivery(`${name}${index}`, name);
    }
    await rig.accept('late', 'work');
    const dispatcher = rig.dispatcher({ concurrency: 8, perFunctionConcurrency: 4 });
    await dispatcher.tick();
    const runs = [await rig.nextRun(), await rig.nextRun(), await rig.nextRun()];
    expect(runs.filter((run) => run.fn.name.endsWith(':destination'))).toHaveLength(2);
    expect(dispatcher.stats().running).toBe(3);
  });

  test('an accept wakes the dispatcher at once', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await dispatcher.start();
    await rig.accept('a');
    dispatcher.wake();
    expect((await rig.nextRun()).request.invocationId).toBe('a');
    await dispatcher.drain(0);
  });

  test('a function that crashes repeatedly is held back, and the others are not', async () => {
    await using rig = await DispatcherRig.create([fn('poison'), fn('send')]);
    const dispatcher = rig.dispatcher();
    for (let index = 0; index < 8; index += 1) await rig.accept(`p${index}`, 'poison');
    await dispatcher.tick();
    for (let index = 0; index < 5; index += 1) {
      (await rig.nextRun()).end(failed('crash'));
      await rig.event('failed');
    }
    const held = await rig.event('held-back');
    expect(held).toMatchObject({
      functionName: 'poison',
      crashes: 3,
      untilMs: rig.clock.nowMs() + 500,
    });
    await rig.accept('s', 'send');
    await dispatcher.tick();
    expect((await rig.nextRun()).fn.name).toBe('send');
    expect(rig.runsWaiting).toBe(0);
    // One run at a time, after 500 ms × 2².
    rig.clock.advance(2000);
    await dispatcher.tick();
    expect((await rig.nextRun()).fn.name).toBe('poison');
    expect(rig.runsWaiting).toBe(0);
  });
});

describe('a machine that has no room for a worker', () => {
  const notStarted = {
    kind: 'not-started',
    durationMs: 5,
    failure: { reason: 'init', type: 'Runtime.SpawnError', message: 'spawn EAGAIN.' },
  } as const;

  test('delays an attempt, longer each time, and the attempt counts once it begins', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    for (const delayMs of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const waits = rig.clock.nextTimer();
      (await rig.nextRun()).end(notStarted);
      await waits;
      rig.clock.advance(delayMs - 1);
      expect(rig.runsWaiting).toBe(0);
      rig.clock.advance(1);
    }
    (await rig.nextRun()).end(succeeded);
    await rig.event('succeeded');
    expect(await rig.elsewhere.get('a')).toMatchObject({
      invocation: { state: 'succeeded', attempt: 1 },
      attempts: [{ outcome: 'succeeded' }],
    });
    expect([rig.eventsWaiting('failed'), rig.eventsWaiting('held-back')]).toEqual([0, 0]);
  });

  test('sends the invocation back into the queue if the runtime stops meanwhile', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.start();
    (await rig.nextRun()).end(notStarted);
    await dispatcher.drain(0);
    expect(await rig.elsewhere.get('a')).toMatchObject({
      invocation: { state: 'queued', attempt: 0 },
    });
  });
});

test('a wake in any microtask after the answer to a claim leads to another claim', async () => {
  await using rig = await DispatcherRig.create();
  for (let depth = 0; depth < 12; depth += 1) {
    let claims = 0;
    let answer: () => void = () => undefined;
    const store = new Proxy(rig.store, {
      get: (target, name): unknown =>
        name === 'claim'
          ? () => {
              claims += 1;
              return claims === 2
                ? new Promise((resolve) => (answer = () => resolve([])))
                : Promise.resolve([]);
            }
          : Reflect.get(target, name),
    });
    const dispatcher = rig.dispatcher({ store });
    await dispatcher.start();
    expect(claims).toBe(1);
    dispatcher.wake();
    await new Promise(setImmediate);
    answer();
    for (let step = 0; step < depth; step += 1) await Promise.resolve();
    dispatcher.wake();
    await new Promise(setImmediate);
    expect(claims, `woken ${depth} microtasks later`).toBe(3);
    await dispatcher.drain(0);
  }
});

test('a function that is not in the manifest leaves its invocations queued, with one warning, until it is back', async () => {
  await using rig = await DispatcherRig.create([]);
  const dispatcher = rig.dispatcher();
  await rig.accept('a', 'gone');
  await dispatcher.tick();
  rig.clock.advance(10_000);
  await dispatcher.tick();
  expect(await rig.event('function-missing')).toMatchObject({ functionName: 'gone', queued: 1 });
  expect(rig.eventsWaiting('function-missing')).toBe(0);
  expect((await rig.elsewhere.get('a'))?.invocation).toMatchObject({ state: 'queued', attempt: 0 });
  rig.functions.set('gone', fn('gone'));
  await dispatcher.tick();
  expect((await rig.nextRun()).request.invocationId).toBe('a');
});
