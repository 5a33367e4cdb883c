import { describe, expect, test } from 'vitest';
import { StoreUnavailableError, type Store } from '../../../src/runtime/queue/store.ts';
import { DispatcherRig, failed, fn, succeeded } from '../support/dispatcher-rig.ts';

/** The store of the rig with some methods replaced. */
function storeWith(rig: DispatcherRig, replaced: Partial<Store>): Store {
  return new Proxy(rig.store, {
    get: (target, name): unknown => Reflect.get(name in replaced ? replaced : target, name),
  });
}

describe('a run', () => {
  test('has its lease checked once a second, and without runs the store is not asked', async () => {
    await using rig = await DispatcherRig.create();
    const asked: (readonly string[])[] = [];
    const store = storeWith(rig, {
      heartbeat: (leases, ...rest) => {
        asked.push(leases.map(({ id }) => id));
        return rig.store.heartbeat(leases, ...rest);
      },
    });
    const dispatcher = rig.dispatcher({ store });
    await dispatcher.tick();
    await rig.accept('a');
    await dispatcher.tick();
    const run = await rig.nextRun();
    for (let ms = 0; ms < 3000; ms += 500) {
      await dispatcher.tick();
      rig.clock.advance(500);
    }
    expect(asked).toEqual([['a'], ['a'], ['a']]);
    run.end(succeeded);
    await rig.event('succeeded');
    rig.clock.advance(5000);
    await dispatcher.tick();
    expect(asked).toHaveLength(3);
  });

  test('is not reported as released when its lease is lost', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.tick();
    const run = await rig.nextRun();
    await rig.elsewhere.cancel('a', rig.clock.nowMs());
    run.end(failed());
    expect((await rig.event('lease-lost')).invocation.id).toBe('a');
    expect(rig.eventsWaiting('failed') + rig.eventsWaiting('unrecorded')).toBe(0);
  });

  test('goes back to the queue when its function was removed from the manifest after the claim', async () => {
    await using rig = await DispatcherRig.create();
    const store = storeWith(rig, {
      claim: async (request) => {
        const claims = await rig.store.claim(request);
        rig.functions.clear();
        return claims;
      },
    });
    const dispatcher = rig.dispatcher({ store });
    await rig.accept('a');
    await dispatcher.tick();
    await rig.event('released');
    expect((await rig.elsewhere.get('a'))?.invocation).toMatchObject({
      state: 'queued',
      attempt: 0,
    });
    expect(rig.runsWaiting).toBe(0);
  });
});

describe('a failure', () => {
  test('whose retry is due before the next poll is retried in time', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher({ retryDelaysSeconds: [0.2] });
    await dispatcher.start();
    await rig.accept('a');
    dispatcher.wake();
    (await rig.nextRun()).end(failed());
    await rig.event('failed');
    rig.clock.advance(199);
    await new Promise(setImmediate);
    expect(rig.runsWaiting).toBe(0);
    rig.clock.advance(1);
    expect((await rig.nextRun()).request.attempt).toBe(2);
    await dispatcher.drain(0);
  });

  test('does not count as a crash in a row after a run without a crash, or when the function itself threw', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    for (const [index, ending] of [
      failed('crash'),
      failed('crash'),
      succeeded,
      failed('crash'),
      failed('crash'),
      failed('error'),
      failed('crash'),
    ].entries()) {
      await rig.accept(`i${index}`);
      await dispatcher.tick();
      (await rig.nextRun()).end(ending);
      await rig.event(ending === succeeded ? 'succeeded' : 'failed');
    }
    expect(rig.eventsWaiting('held-back')).toBe(0);
  });
});

describe('the end of a run', () => {
  test('that cannot be recorded because of a bug is reported, and its slot is free again', async () => {
    await using rig = await DispatcherRig.create([fn('send', { concurrency: 1 })]);
    const error = new TypeError('a bug');
    const dispatcher = rig.dispatcher({
      store: storeWith(rig, { succeed: () => Promise.reject(error) }),
    });
    await rig.accept('a');
    await rig.accept('b');
    await dispatcher.start();
    (await rig.nextRun()).end(succeeded);
    expect((await rig.event('internal-error')).error).toBe(error);
    const next = await rig.nextRun();
    expect(next.request.invocationId).toBe('b');
    await dispatcher.drain(0);
  });

  test('that the store cannot take is given up five seconds after a drain, and reported as unrecorded', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher();
    await rig.accept('a');
    await dispatcher.start();
    const run = await rig.nextRun();
    rig.storeIsAway = true;
    run.end(succeeded);
    await rig.event('store-unavailable');
    const drained = dispatcher.drain(0);
    for (let ms = 0; ms < 4900; ms += 100) {
      await new Promise(setImmediate);
      rig.clock.advance(100);
    }
    expect(rig.eventsWaiting('unrecorded')).toBe(0);
    for (let ms = 0; ms < 200; ms += 100) {
      await new Promise(setImmediate);
      rig.clock.advance(100);
    }
    await rig.event('unrecorded');
    await drained;
    expect(rig.eventsWaiting('succeeded') + rig.eventsWaiting('lease-lost')).toBe(0);
  });

  test('that waits for the store keeps an empty claim from counting as a recovery of the store', async () => {
    await using rig = await DispatcherRig.create();
    const dispatcher = rig.dispatcher({
      store: storeWith(rig, {
        claim: (request) => (rig.storeIsAway ? Promise.resolve([]) : rig.store.claim(request)),
      }),
    });
    await rig.accept('a');
    await dispatcher.start();
    const run = await rig.nextRun();
    rig.storeIsAway = true;
    run.end(succeeded);
    await rig.event('store-unavailable');
    // The store is asked again, for a claim and to record the end.
    rig.clock.advance(100);
    dispatcher.wake();
    await new Promise(setImmediate);
    expect(rig.eventsWaiting('store-recovered')).toBe(0);
    rig.storeIsAway = false;
    rig.clock.advance(5000);
    await rig.event('store-recovered');
    await rig.event('succeeded');
    await dispatcher.drain(0);
  });
});

test('an empty claim counts as a recovery of the store when no end of a run waits for the store', async () => {
  await using rig = await DispatcherRig.create();
  let isAway = true;
  const dispatcher = rig.dispatcher({
    store: storeWith(rig, {
      claim: () =>
        isAway ? Promise.reject(new StoreUnavailableError('away')) : Promise.resolve([]),
    }),
  });
  await dispatcher.tick();
  await rig.event('store-unavailable');
  isAway = false;
  rig.clock.advance(100);
  await dispatcher.tick();
  expect(rig.eventsWaiting('store-recovered')).toBe(1);
});

test('a call of a function without free slots causes no request to the store', async () => {
  await using rig = await DispatcherRig.create([fn('solo', { concurrency: 1 }), fn('send')]);
  let claims = 0;
  const store = storeWith(rig, {
    claim: (request) => {
      claims += 1;
      return rig.store.claim(request);
    },
  });
  const dispatcher = rig.dispatcher({ store });
  await rig.accept('a', 'solo');
  await dispatcher.start();
  await rig.nextRun();
  const before = claims;
  dispatcher.wake(['solo']);
  dispatcher.wake(['unknown']);
  await new Promise(setImmediate);
  expect(claims).toBe(before);
  await rig.accept('b', 'send');
  dispatcher.wake(['solo', 'send']);
  expect((await rig.nextRun()).request.invocationId).toBe('b');
  await dispatcher.drain(0);
});
