import { describe, expect, test } from 'vitest';
import { DispatcherRig, failed } from '../support/dispatcher-rig.ts';

test('an idle runtime does not take over the runs of a living one after an outage of the store', async () => {
  await using rig = await DispatcherRig.create();
  await rig.accept('a');
  const [claimed] = await rig.elsewhere.claim({
    owner: 'elsewhere',
    free: { send: 1 },
    limit: 1,
    nowMs: rig.clock.nowMs(),
    leaseMs: 30_000,
  });
  const dispatcher = rig.dispatcher();
  await dispatcher.tick();
  // Neither runtime can write, so the lease of the living one expires.
  rig.storeIsAway = true;
  for (let seconds = 0; seconds < 35; seconds += 1) {
    rig.clock.advance(1000);
    await dispatcher.tick();
  }
  rig.storeIsAway = false;
  rig.clock.advance(1000);
  await dispatcher.tick();
  expect(
    await rig.elsewhere.heartbeat(
      [{ id: 'a', token: claimed!.invocation.lease.token }],
      rig.clock.nowMs(),
      30_000,
    ),
  ).toEqual([]);
  expect(rig.eventsWaiting('rescued')).toBe(0);
  // There was no further heartbeat, so the owner is dead by now.
  for (let seconds = 0; seconds < 41; seconds += 1) {
    rig.clock.advance(1000);
    await dispatcher.tick();
  }
  await rig.event('rescued');
});

describe('a store that becomes unavailable', () => {
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
    // The delay of the retry counts from the end of the run, not from the end of the outage.
    expect((await rig.elsewhere.get('a'))?.invocation).toMatchObject({
      state: 'queued',
      availableAtMs: endedAtMs + 60_000,
    });
  });

  test('is asked for claims again after its recovery', async () => {
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
