import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../../src/runtime/platform/clock.ts';
import type { RunnableFunction } from '../../../../src/runtime/worker/worker.ts';
import { behaviour, gone, isAlive, PoolRig } from '../support/pool-rig.ts';

/**
 * A clock with real time, except that timers of `heldMs` fire on demand. `set` resolves when such a
 * timer was set.
 */
function holding(heldMs: number): {
  clock: Clock;
  fire: () => void;
  held: Set<() => void>;
  set: Promise<void>;
} {
  const held = new Set<() => void>();
  const set = Promise.withResolvers<void>();
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      if (ms !== heldMs) return systemClock.after(ms, callback);
      held.add(callback);
      set.resolve();
      return () => held.delete(callback);
    },
  };
  return { clock, held, set: set.promise, fire: () => [...held].forEach((callback) => callback()) };
}

/** A function whose runtime client answers one invocation and never asks for another. */
const asksOnce = customRuntime('asks-once');

/** Returns a function whose `bootstrap` is in `fixtures/worker/<name>`. */
function customRuntime(name: string): RunnableFunction {
  return {
    ...behaviour(name),
    runtime: 'go',
    directory: fileURLToPath(new URL(`../../../../fixtures/worker/${name}`, import.meta.url)),
    handler: 'bootstrap',
  };
}

describe('the pool', () => {
  test('runs concurrent calls at the same time, each in its own worker', async () => {
    await using rig = new PoolRig();
    const results = await Promise.all(
      [1, 2, 3].map(() => rig.result(behaviour('counts'), { wait: 50 })),
    );
    expect(new Set(results.map((result) => result.pid)).size).toBe(3);
  });

  test('makes runs over the limit of workers wait for a free one, in order', async () => {
    await using rig = new PoolRig({ maxWorkersPerFunction: 1 });
    const results = await Promise.all([1, 2, 3].map(() => rig.result(behaviour('counts'))));
    expect(results.map((result) => result.calls)).toEqual([1, 2, 3]);
  });

  test('gives a waiting run a new worker when the worker before it died', async () => {
    await using rig = new PoolRig({ maxWorkersPerFunction: 1 });
    const runs = await Promise.all([1, 2].map((code) => rig.run(behaviour('exits'), { code })));
    expect(
      runs.map(
        ({ outcome }) => outcome.kind === 'failed' && outcome.failure.message.match(/code \d/)?.[0],
      ),
    ).toEqual(['code 1', 'code 2']);
  });

  test('settles every waiting run of a function that cannot start', async () => {
    await using rig = new PoolRig({ maxWorkersPerFunction: 1 });
    const runs = await Promise.all(
      Array.from({ length: 10 }, () => rig.run(behaviour('fails-to-load'))),
    );
    expect(runs.map(({ outcome }) => outcome.kind === 'failed' && outcome.failure.reason)).toEqual(
      Array.from({ length: 10 }, () => 'init'),
    );
  });

  test('settles every run while its workers are being killed', async () => {
    await using rig = new PoolRig({ maxWorkersPerFunction: 4 });
    const alive = new Set<number>();
    const outcomes = { succeeded: 0, crashed: 0 };
    await Promise.all(
      Array.from({ length: 400 }, async (_, n) => {
        const { outcome } = await rig.run(behaviour('counts'), { wait: n % 3 });
        if (outcome.kind === 'succeeded' && outcome.response.kind === 'buffered') {
          outcomes.succeeded += 1;
          const { pid }: { pid: number } = JSON.parse(
            Buffer.from(outcome.response.body).toString(),
          );
          alive.add(pid);
        } else if (outcome.kind === 'failed' && outcome.failure.reason === 'crash') {
          outcomes.crashed += 1;
        }
        if (n % 40 !== 0) return;
        for (const pid of alive) {
          alive.delete(pid);
          killIfThere(pid);
          break;
        }
      }),
    );
    expect(outcomes.succeeded + outcomes.crashed).toBe(400);
    expect(outcomes.succeeded).toBeGreaterThanOrEqual(380);
  });

  test('aborts a run that waits for a worker', async () => {
    await using rig = new PoolRig({ maxWorkersPerFunction: 1 });
    const first = rig.start(behaviour('forever'));
    await first.line(/working/);
    const abort = new AbortController();
    const second = rig.start(behaviour('forever'), {}, { signal: abort.signal });
    abort.abort();
    expect((await second.done).outcome.kind).toBe('aborted');
  });

  test('runs another version of a function in another worker', async () => {
    await using rig = new PoolRig();
    const old = await rig.result(behaviour('counts'));
    expect((await rig.result(behaviour('counts', { version: '2' }))).pid).not.toBe(old.pid);
  });

  test('ends the idle workers of other versions on retain, and keeps the current ones', async () => {
    await using rig = new PoolRig();
    const old = await rig.result(behaviour('counts'));
    const current = await rig.result(behaviour('counts', { version: '2' }));
    rig.pool.retain(new Map([['counts', '2']]));
    await gone(old.pid);
    expect(await rig.result(behaviour('counts', { version: '2' }))).toEqual({
      calls: 2,
      pid: current.pid,
    });
  });

  test('lets a busy worker of another version finish, and then ends it', async () => {
    await using rig = new PoolRig();
    const run = rig.result(behaviour('counts'), { wait: 100 });
    rig.pool.retain(new Map());
    const { calls, pid } = await run;
    expect(calls).toBe(1);
    await gone(pid);
  });

  test('keeps the workers of a version that has come back', async () => {
    await using rig = new PoolRig();
    const first = rig.start(behaviour('counts'), { wait: 100 });
    rig.pool.retain(new Map());
    rig.pool.retain(new Map([['counts', '1']]));
    await first.done;
    expect((await rig.result(behaviour('counts'))).calls).toBe(2);
  });

  test('ends the longest idle worker when more are idle than allowed', async () => {
    await using rig = new PoolRig({ maxIdleWorkers: 1 });
    const first = await rig.result(behaviour('counts'));
    const second = await rig.result(behaviour('counts', { version: '2' }));
    await gone(first.pid);
    expect((await rig.result(behaviour('counts', { version: '2' }))).pid).toBe(second.pid);
  });

  test('ends a worker that has been idle for too long', async () => {
    const { clock, fire } = holding(60_000);
    await using rig = new PoolRig({ clock, idleTimeoutMs: 60_000 });
    const { pid } = await rig.result(behaviour('counts'));
    expect(await isAlive(pid)).toBe(true);
    fire();
    await gone(pid);
    expect((await rig.result(behaviour('counts'))).calls).toBe(1);
  });

  test('kills an idle worker that ignores SIGTERM, after the grace period', async () => {
    const { clock, fire } = holding(60_000);
    await using rig = new PoolRig({ clock, idleTimeoutMs: 60_000, killGraceMs: 60_000 });
    const pid = await rig.result<number>(behaviour('ignores-sigterm'));
    fire();
    await rig.lineBetweenRuns(/not listening/);
    expect(await isAlive(pid)).toBe(true);
    fire();
    await gone(pid);
  });

  test('does not count a run whose worker died before it took the event', async () => {
    await using rig = new PoolRig();
    const first = await rig.result(asksOnce);
    const second = rig.result(asksOnce);
    process.kill(first.pid, 'SIGKILL');
    expect((await second).pid).not.toBe(first.pid);
  });

  test.each([
    [
      'reports that it ends after an uncaught error',
      behaviour('hangs-in-exit'),
      { reason: 'error', message: 'nobody catches this' },
    ],
    [
      'reports that it cannot start',
      customRuntime('reports-init-error'),
      { reason: 'init', type: 'Custom.InitError', message: 'not configured' },
    ],
  ])('kills a worker that %s but does not end', async (_, fn, failure) => {
    const { clock, fire, set } = holding(60_000);
    await using rig = new PoolRig({ clock, killGraceMs: 60_000 });
    const run = rig.start(fn);
    const pid = Number(/\d+/.exec(await run.line(/pid/))?.[0]);
    await set;
    expect(await isAlive(pid)).toBe(true);
    fire();
    expect((await run.done).outcome).toMatchObject({ kind: 'failed', failure });
    await gone(pid);
  });

  test('replaces a worker that is still busy when its next run is due', async () => {
    const { clock, fire, held } = holding(5000);
    await using rig = new PoolRig({ clock });
    const first = await rig.result(asksOnce);
    const second = rig.result(asksOnce);
    expect(held.size).toBe(1);
    fire();
    expect((await second).pid).not.toBe(first.pid);
    expect(rig.betweenRuns.map((line) => line.text)).toContainEqual(
      expect.stringContaining('still busy'),
    );
  });

  test('says that the directory of a function is gone', async () => {
    await using rig = new PoolRig();
    const { outcome } = await rig.run(behaviour('counts', { directory: '/no/such/directory' }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { reason: 'init', message: expect.stringContaining('/no/such/directory is gone') },
    });
  });

  test('runs functions that replace http.request', async () => {
    await using rig = new PoolRig();
    expect(await rig.result(behaviour('replaces-http'))).toBe('answered');
    expect(await rig.result(behaviour('replaces-http'))).toBe('answered');
  });

  test('aborts its runs when it is closed, and leaves no process behind', async () => {
    const rig = new PoolRig();
    const { pid } = await rig.result(behaviour('counts'));
    const run = rig.start(behaviour('forks'));
    const child = Number(/\d+/.exec(await run.line(/child/))?.[0]);
    await rig.pool.close();
    expect((await run.done).outcome.kind).toBe('aborted');
    await Promise.all([gone(pid), gone(child)]);
    expect((await rig.run(behaviour('counts'))).outcome.kind).toBe('aborted');
  });
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended in the meantime.
  }
}
