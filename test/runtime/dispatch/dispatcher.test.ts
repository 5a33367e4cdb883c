import { describe, expect, test } from 'vitest';
import type { RunOutcome, RunRequest, StreamEnd } from '../../../src/worker/worker.ts';
import { DispatcherRig, failed, fn, retry, succeeded } from '../support/dispatcher-rig.ts';

/** Workers that take their time to end when their run is aborted. */
function runsThatEndWhenTold() {
  const runs: { readonly request: RunRequest; readonly end: (outcome: RunOutcome) => void }[] = [];
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const run = (_fn: unknown, request: RunRequest) => {
    begun[runs.length]?.resolve();
    return new Promise<RunOutcome>((end) => runs.push({ request, end }));
  };
  return { runs, run, second: begun[1]?.promise };
}

describe('the retry schedule', () => {
  test('is 60 s after the first failure and 120 s after the second, to the millisecond; then it has failed', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');

    await dispatcher.tick();
    (await rig.nextRun()).end(failed());
    expect((await rig.event('failed')).next).toMatchObject({ state: 'queued', availableAtMs: rig.clock.nowMs() + 60_000 });

    rig.clock.advance(59_999);
    expect(await dispatcher.tick()).toBe(1);
    expect(rig.runsWaiting).toBe(0);
    rig.clock.advance(1);
    await dispatcher.tick();
    (await rig.nextRun()).end(failed('timeout'));
    expect((await rig.event('failed')).next).toMatchObject({ state: 'queued', availableAtMs: rig.clock.nowMs() + 120_000 });

    rig.clock.advance(119_999);
    await dispatcher.tick();
    expect(rig.runsWaiting).toBe(0);
    rig.clock.advance(1);
    await dispatcher.tick();
    (await rig.nextRun()).end(failed('crash'));
    expect((await rig.event('failed')).next).toMatchObject({ state: 'failed' });

    const detail = await rig.elsewhere.get('a');
    expect(detail?.invocation).toMatchObject({ state: 'failed', attempt: 3 });
    expect(detail?.attempts.map(({ error }) => error?.reason)).toEqual(['error', 'timeout', 'crash']);
  });

  test('tells the function which attempt it is', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    const attempts: unknown[] = [];
    for (const delay of [60_000, 120_000, 0]) {
      await dispatcher.tick();
      const run = await rig.nextRun();
      attempts.push([run.request.attempt, JSON.parse(Buffer.from(run.request.payload).toString()).headers['x-bgfn-attempt']]);
      run.end(failed());
      await rig.event('failed');
      rig.clock.advance(delay);
    }
    expect(attempts).toEqual([[1, '1'], [2, '2'], [3, '3']]);
  });

  test('can be shortened for development', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher({ retryDelaysSeconds: [2, 4] });
    await rig.accept('a');
    await dispatcher.tick();
    (await rig.nextRun()).end(failed());
    expect((await rig.event('failed')).next).toMatchObject({ availableAtMs: rig.clock.nowMs() + 2000 });
    expect((await rig.elsewhere.get('a'))?.invocation).toMatchObject({ availableAtMs: rig.clock.nowMs() + 2000 });
  });

  test('holds for a run that breaks in our own hands', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    (await rig.nextRun()).throw(new Error('a bug'));
    expect(await rig.event('failed')).toMatchObject({ error: { reason: 'crash', message: 'a bug' }, next: { state: 'queued' } });
  });
});

describe('slots', () => {
  test('bound one function and all of them', async () => {
    await using rig = await DispatcherRig.create([fn('send'), fn('mail'), fn('solo', { concurrency: 1 })]);
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

  test('one that comes free is taken at once', async () => {
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

  test('a quarter of them is what deliveries get, over all functions and in one claim', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}:destination`);
    await using rig = await DispatcherRig.create([...names.map((name) => fn(name, { concurrency: 4 })), fn('work')]);
    for (const name of names) for (let index = 0; index < 3; index += 1) await rig.accept(`${name}${index}`, name);
    await rig.accept('late', 'work');
    const dispatcher = rig.dispatcher({ concurrency: 8, perFunctionConcurrency: 4 });
    await dispatcher.tick();
    const runs = [await rig.nextRun(), await rig.nextRun(), await rig.nextRun()];
    expect(runs.filter((run) => run.fn.name.endsWith(':destination'))).toHaveLength(2);
    expect(dispatcher.stats().running).toBe(3);
  });

  test('an accept wakes the dispatcher without any time passing', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await dispatcher.start();
    await rig.accept('a');
    dispatcher.wake();
    expect((await rig.nextRun()).request.invocationId).toBe('a');
    await dispatcher.drain(0);
  });

  test('a function that crashes over and over is held back, and the others are not', async () => {
    await using rig = await DispatcherRig.create([fn('poison'), fn('send')]);
    const dispatcher = rig.dispatcher();
    for (let index = 0; index < 8; index += 1) await rig.accept(`p${index}`, 'poison');
    await dispatcher.tick();
    for (let index = 0; index < 5; index += 1) {
      (await rig.nextRun()).end(failed('crash'));
      await rig.event('failed');
    }
    const held = await rig.event('held-back');
    expect(held).toMatchObject({ functionName: 'poison', crashes: 3, untilMs: rig.clock.nowMs() + 500 });
    await rig.accept('s', 'send');
    await dispatcher.tick();
    expect((await rig.nextRun()).fn.name).toBe('send');
    expect(rig.runsWaiting).toBe(0);
    // One try at a time, after 500 ms × 2².
    rig.clock.advance(2000);
    await dispatcher.tick();
    expect((await rig.nextRun()).fn.name).toBe('poison');
    expect(rig.runsWaiting).toBe(0);
  });
});

describe('a machine that has no room for a worker', () => {
  const notStarted = { kind: 'not-started', durationMs: 5, failure: { reason: 'init', type: 'Runtime.SpawnError', message: 'spawn EAGAIN.' } } as const;

  test('puts an attempt off, further each time, and counts it when it begins', async () => {
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
    expect(await rig.elsewhere.get('a')).toMatchObject({ invocation: { state: 'succeeded', attempt: 1 }, attempts: [{ outcome: 'succeeded' }] });
    expect([rig.eventsWaiting('failed'), rig.eventsWaiting('held-back')]).toEqual([0, 0]);
  });

  test('gives it back to the queue when the runtime stops meanwhile', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.start();
    (await rig.nextRun()).end(notStarted);
    await dispatcher.drain(0);
    expect(await rig.elsewhere.get('a')).toMatchObject({ invocation: { state: 'queued', attempt: 0 } });
  });
});

describe('leases', () => {
  test('are kept alive for a run of 15 minutes', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    const run = await rig.nextRun();
    for (let seconds = 0; seconds < 900; seconds += 5) {
      rig.clock.advance(5000);
      await dispatcher.tick();
      expect(await rig.elsewhere.rescue(rig.clock.nowMs())).toEqual([]);
    }
    run.end(succeeded);
    await rig.event('succeeded');
  });

  test('a cancel by another process stops the run within a second', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    const run = await rig.nextRun();
    await rig.elsewhere.cancel('a', rig.clock.nowMs());
    rig.clock.advance(1000);
    await dispatcher.tick();
    expect(run.request.signal?.aborted).toBe(true);
    await rig.event('lease-lost');
    expect((await rig.elsewhere.get('a'))?.invocation.state).toBe('cancelled');
  });

  test('a cancelled run that is retried before it was stopped is over before the next one begins, and the next one keeps its lease', async () => {
    await using rig = await DispatcherRig.create();
    const { runs, run, second } = runsThatEndWhenTold();
    const dispatcher = rig.dispatcher({ run });
    await rig.accept('a');
    await dispatcher.tick();
    await rig.elsewhere.cancel('a', rig.clock.nowMs());
    await rig.elsewhere.replay('a', rig.clock.nowMs());
    await dispatcher.tick();
    expect((await rig.elsewhere.get('a'))?.invocation.state).toBe('running');
    expect(runs).toHaveLength(1);
    expect(runs[0]?.request.signal?.aborted).toBe(true);
    runs[0]?.end({ kind: 'aborted', durationMs: 1 });
    await rig.event('lease-lost');
    await second;
    for (let seconds = 0; seconds < 60; seconds += 5) {
      rig.clock.advance(5000);
      await dispatcher.tick();
    }
    expect(rig.eventsWaiting('rescued') + rig.eventsWaiting('lease-lost')).toBe(0);
    expect(runs[1]?.request.signal?.aborted).toBe(false);
    runs[1]?.end(succeeded);
    await rig.event('succeeded');
    expect(dispatcher.stats().running).toBe(0);
  });

  test('a run that was lost to another process and comes back to this one begins when the old one is over', async () => {
    await using rig = await DispatcherRig.create();
    const { runs, run, second } = runsThatEndWhenTold();
    const dispatcher = rig.dispatcher({ run, retryDelaysSeconds: [0] });
    await rig.accept('a');
    await dispatcher.tick();
    // This process stood still for longer than its lease, and another one took the run for lost.
    rig.clock.advance(31_000);
    await rig.elsewhere.rescue(rig.clock.nowMs(), { delaysSeconds: [0] });
    dispatcher.wake();
    await dispatcher.tick();
    await dispatcher.tick();
    expect(runs).toHaveLength(1);
    runs[0]?.end({ kind: 'aborted', durationMs: 1 });
    await rig.event('lease-lost');
    await second;
    expect(runs[1]?.request.attempt).toBe(2);
    runs[1]?.end(succeeded);
    await rig.event('succeeded');
  });

  test('of a runtime that is known dead are rescued at the start, on the schedule of a failure', async () => {
    await using rig = await DispatcherRig.create();
    const dead = { id: 'dead', place: 'here', pid: 2, processStart: '1', registeredAtMs: 0 };
    await rig.elsewhere.registerOwner(dead);
    await rig.accept('a');
    await rig.elsewhere.claim({ owner: 'dead', free: { send: 1 }, limit: 1, nowMs: rig.clock.nowMs(), leaseMs: 30_000 });
    const dispatcher = rig.dispatcher({ isDead: (owner) => owner.id === 'dead' });
    await dispatcher.start();
    expect((await rig.event('rescued')).invocation).toMatchObject({ state: 'queued', attempt: 1, availableAtMs: rig.clock.nowMs() + 60_000, lastError: { reason: 'lost' } });
    expect((await rig.elsewhere.owners()).map(({ id }) => id)).toEqual(['one']);
    await dispatcher.drain(0);
    expect(await rig.elsewhere.owners()).toEqual([]);
  });

  test('of a runtime elsewhere are rescued when they expire', async () => {
    await using rig = await DispatcherRig.create();
    await rig.accept('a');
    await rig.elsewhere.claim({ owner: 'elsewhere', free: { send: 1 }, limit: 1, nowMs: rig.clock.nowMs(), leaseMs: 30_000 });
    const dispatcher = rig.dispatcher();
    await dispatcher.tick();
    rig.clock.advance(29_999);
    await dispatcher.tick();
    expect(rig.eventsWaiting('rescued')).toBe(0);
    rig.clock.advance(10_001);
    await dispatcher.tick();
    await rig.event('rescued');
  });

  test('do not expire because the wall clock jumps ahead: living owners get time to extend them', async () => {
    await using rig = await DispatcherRig.create();
    await rig.accept('a');
    const claimed = await rig.elsewhere.claim({ owner: 'elsewhere', free: { send: 1 }, limit: 1, nowMs: rig.clock.nowMs(), leaseMs: 30_000 });
    const lease = { id: 'a', token: claimed[0]!.invocation.lease.token };
    const dispatcher = rig.dispatcher();
    await dispatcher.tick();
    rig.clock.jump(3_600_000);
    rig.clock.advance(10_000);
    await dispatcher.tick();
    expect(rig.eventsWaiting('rescued')).toBe(0);
    expect(await rig.elsewhere.heartbeat([lease], rig.clock.nowMs(), 30_000)).toEqual([]);
    rig.clock.advance(10_000);
    await dispatcher.tick();
    expect(rig.eventsWaiting('rescued')).toBe(0);
    // No further heartbeat: now it is dead indeed.
    rig.clock.advance(30_000);
    await dispatcher.tick();
    await rig.event('rescued');
  });
});

test('an outage of the store does not make a runtime that has nothing to do take the runs of a living one', async () => {
  await using rig = await DispatcherRig.create();
  await rig.accept('a');
  const [claimed] = await rig.elsewhere.claim({ owner: 'elsewhere', free: { send: 1 }, limit: 1, nowMs: rig.clock.nowMs(), leaseMs: 30_000 });
  const dispatcher = rig.dispatcher();
  await dispatcher.tick();
  // Neither of them can write, so the lease of the living one runs out.
  rig.storeIsAway = true;
  for (let seconds = 0; seconds < 35; seconds += 1) {
    rig.clock.advance(1000);
    await dispatcher.tick();
  }
  rig.storeIsAway = false;
  rig.clock.advance(1000);
  await dispatcher.tick();
  expect(await rig.elsewhere.heartbeat([{ id: 'a', token: claimed!.invocation.lease.token }], rig.clock.nowMs(), 30_000)).toEqual([]);
  expect(rig.eventsWaiting('rescued')).toBe(0);
  // No further heartbeat: now it is dead indeed.
  for (let seconds = 0; seconds < 41; seconds += 1) {
    rig.clock.advance(1000);
    await dispatcher.tick();
  }
  await rig.event('rescued');
});

test('a wake in any microtask after a claim was answered leads to another claim', async () => {
  await using rig = await DispatcherRig.create();
  for (let depth = 0; depth < 12; depth += 1) {
    let claims = 0;
    let answer: () => void = () => undefined;
    const store = new Proxy(rig.store, {
      get: (target, name): unknown =>
        name === 'claim'
          ? () => {
              claims += 1;
              return claims === 2 ? new Promise((resolve) => (answer = () => resolve([]))) : Promise.resolve([]);
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

describe('a wall clock that is set back', () => {
  test('holds back neither new calls nor a function that crashed longer than its pause, and ends no run', async () => {
    await using rig = await DispatcherRig.create([fn('poison'), fn('send')]);
    const dispatcher = rig.dispatcher();
    for (let index = 0; index < 3; index += 1) await rig.accept(`p${index}`, 'poison');
    await rig.accept('long', 'send');
    await dispatcher.tick();
    const long = await rig.nextRun();
    const runs = [long, await rig.nextRun(), await rig.nextRun(), await rig.nextRun()];
    for (const run of runs.filter((each) => each.fn.name === 'poison')) {
      run.end(failed('crash'));
      await rig.event('failed');
    }
    await rig.event('held-back');
    rig.clock.jump(-3_600_000);
    await rig.accept('p-after', 'poison');
    await dispatcher.tick();
    expect(rig.runsWaiting).toBe(0);
    rig.clock.advance(500);
    await dispatcher.tick();
    expect((await rig.nextRun()).request.invocationId).toBe('p-after');
    expect(rig.eventsWaiting('lease-lost') + rig.eventsWaiting('rescued')).toBe(0);
    runs.find((each) => each.request.invocationId === 'long')?.end({ kind: 'succeeded', durationMs: 1, response: { kind: 'buffered', body: new Uint8Array() } });
    expect((await rig.event('succeeded')).invocation.id).toBe('long');
  });
});

describe('a store that goes away', () => {
  test('does not lose the outcome of a finished run', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    const run = await rig.nextRun();
    const endedAtMs = rig.clock.nowMs();
    rig.storeIsAway = true;
    run.end(failed());
    await rig.event('store-unavailable');
    for (let tries = 0; tries < 5; tries += 1) {
      rig.clock.advance(5000);
      await dispatcher.tick();
    }
    expect(rig.eventsWaiting('store-unavailable')).toBe(0);
    rig.storeIsAway = false;
    rig.clock.advance(5000);
    await rig.event('store-recovered');
    await rig.event('failed');
    // The retry is counted from the end of the run, not from the end of the outage.
    expect((await rig.elsewhere.get('a'))?.invocation).toMatchObject({ state: 'queued', availableAtMs: endedAtMs + 60_000 });
  });

  test('gets its claims again when it is back', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    rig.storeIsAway = true;
    await dispatcher.tick();
    rig.storeIsAway = false;
    rig.clock.advance(1000);
    await dispatcher.tick();
    expect((await rig.nextRun()).request.invocationId).toBe('a');
  });
});

describe('drain', () => {
  test('waits for what runs and claims no more', async () => {
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
    expect((await rig.elsewhere.get('b'))?.invocation).toMatchObject({ state: 'queued', attempt: 0 });
    expect(rig.runsWaiting).toBe(0);
  });

  test('stops what outlasts the grace and gives it back, the attempt not counted', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.start();
    const run = await rig.nextRun();
    await dispatcher.drain(0);
    expect(run.request.signal?.aborted).toBe(true);
    expect(await rig.elsewhere.get('a')).toMatchObject({ invocation: { state: 'queued', attempt: 0, availableAtMs: rig.clock.nowMs() }, attempts: [{ outcome: 'released' }] });
    await rig.event('released');
  });
});

test('a run that is cut off by a drain while its answer streams is given back like any other', async () => {
  await using rig = await DispatcherRig.create();
  const run = (_fn: unknown, { signal }: RunRequest) =>
    // As the pool does: the head of the answer is a success, and an abort breaks its body.
    Promise.resolve<RunOutcome>({
      kind: 'succeeded',
      durationMs: 5,
      response: {
        kind: 'streamed',
        statusCode: 200,
        headers: [],
        body: new ReadableStream({ start: (controller) => signal?.addEventListener('abort', () => controller.error(new Error('broken off'))) }),
        end: new Promise<StreamEnd>((resolve) => signal?.addEventListener('abort', () => resolve({ kind: 'aborted', durationMs: 1 }))),
      },
    });
  const dispatcher = rig.dispatcher({ run });
  await rig.accept('a', 'send', { retry: { ...retry, maxAttempts: 1 } });
  await dispatcher.start();
  await dispatcher.drain(0);
  await rig.event('released');
  expect(await rig.elsewhere.get('a')).toMatchObject({ invocation: { state: 'queued', attempt: 0 }, attempts: [{ outcome: 'released' }] });
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

test('a streamed answer is read to its end before the run counts as done', async () => {
  await using rig = await DispatcherRig.create();
  const dispatcher = rig.dispatcher();
  await rig.accept('a');
  await rig.accept('b');
  await dispatcher.tick();
  const streamed = (body: ReadableStream<Uint8Array>, end: Promise<StreamEnd>): RunOutcome => ({ kind: 'succeeded', durationMs: 5, response: { kind: 'streamed', statusCode: 200, headers: [], body, end } });
  const whole = () => new ReadableStream({ start: (controller) => controller.close() });
  const broken = () => new ReadableStream({ start: (controller) => controller.error(new Error('it broke')) });
  const failure = { reason: 'timeout', type: 'Sandbox.Timedout', message: 'after its answer' } as const;
  (await rig.nextRun()).end(streamed(whole(), Promise.resolve({ kind: 'complete', durationMs: 70 })));
  expect(await rig.event('succeeded')).toMatchObject({ durationMs: 70 });
  (await rig.nextRun()).end(streamed(broken(), Promise.resolve({ kind: 'failed', durationMs: 80, failure })));
  expect(await rig.event('failed')).toMatchObject({ durationMs: 80, error: failure });
});

describe('what a destination is told of an answer', () => {
  const destinations = { onSuccess: 'https://example.com/ok', request: {} };
  /** The outcome that is to be sent, as text. */
  async function told(answer: string): Promise<string> {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a', 'send', { destinations });
    await dispatcher.tick();
    (await rig.nextRun()).end({ kind: 'succeeded', durationMs: 5, response: { kind: 'buffered', body: Buffer.from(answer) } });
    await rig.event('succeeded');
    const [delivery] = await rig.elsewhere.claim({ owner: 'two', free: { 'send:destination': 1 }, limit: 1, nowMs: rig.clock.nowMs(), leaseMs: 30_000 });
    return (JSON.parse(Buffer.from(delivery!.payload).toString()) as { body: string }).body;
  }

  test('is the same text, however deep it is nested', async () => {
    const answer = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await told(answer)).endsWith(`"response":${answer}}`)).toBe(true);
  });

  test('is no megabytes', async () => {
    const outcome = JSON.parse(await told(JSON.stringify({ statusCode: 201, body: 'x'.repeat(5_000_000) }))) as unknown;
    expect(outcome).toMatchObject({ state: 'succeeded', response: { statusCode: 201, bodyTooLong: true } });
  });

  test('is nothing when it is no JSON', async () => {
    expect(JSON.parse(await told('{"half":'))).toMatchObject({ state: 'succeeded', response: null });
  });
});
