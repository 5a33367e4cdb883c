import { describe, expect, test } from 'vitest';
import type { RunOutcome, RunRequest } from '../../../src/runtime/worker/worker.ts';
import { DispatcherRig, failed, fn, succeeded } from '../support/dispatcher-rig.ts';

/** Workers that end slowly when their run is aborted. */
function runsThatEndWhenTold() {
  const runs: { readonly request: RunRequest; readonly end: (outcome: RunOutcome) => void }[] = [];
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const run = (_fn: unknown, request: RunRequest) => {
    begun[runs.length]?.resolve();
    return new Promise<RunOutcome>((end) => runs.push({ request, end }));
  };
  return { runs, run, second: begun[1]?.promise };
}

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

  test('a cancelled run that is replayed before it has stopped ends before the next run begins, and the next one keeps its lease', async () => {
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

  test('a run that another process took over and that returns to this process begins when the old run has ended', async () => {
    await using rig = await DispatcherRig.create();
    const { runs, run, second } = runsThatEndWhenTold();
    const dispatcher = rig.dispatcher({ run, retryDelaysSeconds: [0] });
    await rig.accept('a');
    await dispatcher.tick();
    // This process was stopped for longer than its lease, so another process rescued the run.
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

  test('of a runtime that is known to be dead are rescued at the start, with the retry delay of a failure', async () => {
    await using rig = await DispatcherRig.create();
    const dead = { id: 'dead', place: 'here', pid: 2, processStart: '1', registeredAtMs: 0 };
    await rig.elsewhere.registerOwner(dead);
    await rig.accept('a');
    await rig.elsewhere.claim({
      owner: 'dead',
      free: { send: 1 },
      limit: 1,
      nowMs: rig.clock.nowMs(),
      leaseMs: 30_000,
    });
    const dispatcher = rig.dispatcher({ isDead: (owner) => owner.id === 'dead' });
    await dispatcher.start();
    expect((await rig.event('rescued')).invocation).toMatchObject({
      state: 'queued',
      attempt: 1,
      availableAtMs: rig.clock.nowMs() + 60_000,
      lastError: { reason: 'lost' },
    });
    expect((await rig.elsewhere.owners()).map(({ id }) => id)).toEqual(['one']);
    await dispatcher.drain(0);
    expect(await rig.elsewhere.owners()).toEqual([]);
  });

  test('of a runtime on another machine are rescued when they expire', async () => {
    await using rig = await DispatcherRig.create();
    await rig.accept('a');
    await rig.elsewhere.claim({
      owner: 'elsewhere',
      free: { send: 1 },
      limit: 1,
      nowMs: rig.clock.nowMs(),
      leaseMs: 30_000,
    });
    const dispatcher = rig.dispatcher();
    await dispatcher.tick();
    rig.clock.advance(29_999);
    await dispatcher.tick();
    expect(rig.eventsWaiting('rescued')).toBe(0);
    rig.clock.advance(10_001);
    await dispatcher.tick();
    await rig.event('rescued');
  });

  test('do not expire when the wall clock jumps ahead, so that living owners can extend them', async () => {
    await using rig = await DispatcherRig.create();
    await rig.accept('a');
    const claimed = await rig.elsewhere.claim({
      owner: 'elsewhere',
      free: { send: 1 },
      limit: 1,
      nowMs: rig.clock.nowMs(),
      leaseMs: 30_000,
    });
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
    // There was no further heartbeat, so the owner is dead by now.
    rig.clock.advance(30_000);
    await dispatcher.tick();
    await rig.event('rescued');
  });
});

describe('a wall clock that is set back', () => {
  test('delays no new calls, holds back no crashed function for longer than its pause, and ends no run', async () => {
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
    runs
      .find((each) => each.request.invocationId === 'long')
      ?.end({
        kind: 'succeeded',
        durationMs: 1,
        response: { kind: 'buffered', body: new Uint8Array() },
      });
    expect((await rig.event('succeeded')).invocation.id).toBe('long');
  });
});
