import { describe, expect, test } from 'vitest';
import type { OwnerRecord } from '../../../../src/runtime/queue/store.ts';
import { call, leaseMs, leaseOf, retry, t0, thrown, type StoreRig } from './store-rig.ts';

/** What becomes of a run: by its own end, and by that of its lease. */
export function runsAndLeases(rig: StoreRig): void {
  const { claim, claimOne, stateOf } = rig;

  describe('the ends of a run', () => {
    test('succeed', async () => {
      await rig.store.accept([call('a')], t0);
      const lease = await claimOne();
      expect(await rig.store.succeed(lease, t0 + 10)).toBe(true);
      expect(await rig.store.get('a')).toMatchObject({
        invocation: { state: 'succeeded', finishedAtMs: t0 + 10, attempt: 1 },
        attempts: [{ number: 1, startedAtMs: t0, finishedAtMs: t0 + 10, outcome: 'succeeded' }],
      });
    });

    test('fail twice, with retries after 60 s and 120 s, then for good', async () => {
      await rig.store.accept([call('a')], t0);
      await rig.store.fail(await claimOne(t0), thrown, t0 + 100);
      expect(await stateOf('a')).toMatchObject({
        state: 'queued',
        availableAtMs: t0 + 100 + 60_000,
        lastError: thrown,
        attempt: 1,
      });
      expect(await claim({ nowMs: t0 + 100 + 59_999 })).toEqual([]);

      await rig.store.fail(await claimOne(t0 + 60_100), thrown, t0 + 60_200);
      expect(await stateOf('a')).toMatchObject({
        state: 'queued',
        availableAtMs: t0 + 60_200 + 120_000,
        attempt: 2,
      });
      expect(await claim({ nowMs: t0 + 60_200 + 119_999 })).toEqual([]);

      await rig.store.fail(await claimOne(t0 + 180_200), thrown, t0 + 180_300);
      expect(await stateOf('a')).toMatchObject({
        state: 'failed',
        finishedAtMs: t0 + 180_300,
        lastError: thrown,
        attempt: 3,
      });
      const attempts = (await rig.store.get('a'))!.attempts;
      expect(attempts.map(({ number, outcome, error }) => [number, outcome, error])).toEqual(
        [1, 2, 3].map((number) => [number, 'failed', thrown]),
      );
      expect(await claim({ nowMs: t0 + 10 ** 9 })).toEqual([]);
    });

    test('fail with other delays, for development', async () => {
      await rig.store.accept([call('a')], t0);
      await rig.store.fail(await claimOne(), thrown, t0, [2, 4]);
      expect(await stateOf('a')).toMatchObject({ availableAtMs: t0 + 2000 });
    });

    test('fail and rescue round a delay to whole milliseconds', async () => {
      const policy = { ...retry, delaysSeconds: [1 / 3] };
      await rig.store.accept(
        [call('a', 'send', { retry: policy }), call('b', 'send', { retry: policy })],
        t0,
      );
      expect(await rig.store.fail(await claimOne(t0), thrown, t0)).toBe(true);
      await claimOne(t0);
      expect(await rig.store.rescue(t0 + leaseMs)).toMatchObject([{ id: 'b', state: 'queued' }]);
      expect(await claim({ nowMs: t0 + 332 })).toEqual([]);
      expect(await claim({ nowMs: t0 + 333 })).toMatchObject([
        { invocation: { id: 'a', attempt: 2 } },
      ]);
    });

    test('release does not count the attempt, and the invocation is due at once', async () => {
      await rig.store.accept([call('a')], t0);
      expect(await rig.store.release(await claimOne(), t0 + 10)).toBe(true);
      expect(await stateOf('a')).toMatchObject({
        state: 'queued',
        attempt: 0,
        availableAtMs: t0 + 10,
      });
      const [again] = await claim({ nowMs: t0 + 10 });
      expect(again?.invocation.attempt).toBe(1);
      expect(
        (await rig.store.get('a'))?.attempts.map(({ number, outcome }) => [number, outcome]),
      ).toEqual([
        [1, 'released'],
        [1, 'running'],
      ]);
    });

    test('a write with a lost lease has no effect', async () => {
      await rig.store.accept([call('a')], t0);
      const old = await claimOne(t0);
      await rig.store.rescue(t0 + leaseMs);
      const current = await claimOne(t0 + leaseMs + 60_000, 'two');
      const before = await rig.store.get('a');
      expect(await rig.store.succeed(old, t0 + 100_000)).toBe(false);
      expect(await rig.store.fail(old, thrown, t0 + 100_000)).toBe(false);
      expect(await rig.store.release(old, t0 + 100_000)).toBe(false);
      expect(await rig.store.heartbeat([old], t0 + 100_000, leaseMs)).toEqual(['a']);
      expect(await rig.store.get('a')).toEqual(before);
      expect(await rig.store.succeed(current, t0 + 100_000)).toBe(true);
      expect(await rig.store.succeed(current, t0 + 100_001)).toBe(false);
    });

    test('the end of an unknown invocation is refused', async () => {
      expect(await rig.store.succeed({ id: 'nobody', token: 'x' }, t0)).toBe(false);
    });
  });

  describe('leases', () => {
    test('a heartbeat extends held leases and returns the lost ones', async () => {
      await rig.store.accept([call('a'), call('b')], t0);
      const leases = (await claim()).map(leaseOf);
      await rig.store.cancel('b', t0 + 1);
      expect(
        await rig.store.heartbeat([...leases, { id: 'nobody', token: 'x' }], t0 + 20_000, leaseMs),
      ).toEqual(['b', 'nobody']);
      expect(await stateOf('a')).toMatchObject({ lease: { expiresAtMs: t0 + 20_000 + leaseMs } });
      expect(await rig.store.rescue(t0 + leaseMs)).toEqual([]);
    });

    test('a heartbeat every second never lets a lease expire', async () => {
      await rig.store.accept([call('a')], t0);
      const lease = await claimOne();
      for (let nowMs = t0; nowMs <= t0 + 120_000; nowMs += 1000) {
        await rig.store.heartbeat([lease], nowMs, leaseMs);
        expect(await rig.store.rescue(nowMs)).toEqual([]);
      }
    });

    test('an expired lease is rescued as a failure', async () => {
      await rig.store.accept([call('a')], t0);
      await claim();
      expect(await rig.store.rescue(t0 + leaseMs - 1)).toEqual([]);
      const [rescued] = await rig.store.rescue(t0 + leaseMs);
      expect(rescued).toMatchObject({
        id: 'a',
        state: 'queued',
        attempt: 1,
        availableAtMs: t0 + leaseMs + 60_000,
        lastError: { reason: 'lost' },
      });
      expect(await rig.store.get('a')).toMatchObject({
        invocation: rescued,
        attempts: [{ number: 1, outcome: 'failed', error: { reason: 'lost' } }],
      });
    });

    test('an invocation whose last attempt is rescued has failed', async () => {
      await rig.store.accept([call('a', 'send', { retry: { ...retry, maxAttempts: 1 } })], t0);
      await claim();
      expect(await rig.store.rescue(t0 + leaseMs)).toMatchObject([
        { state: 'failed', lastError: { reason: 'lost' } },
      ]);
    });

    test('the runs of a dead owner are rescued before their leases expire, those of a living owner are not', async () => {
      await rig.store.accept([call('a'), call('b')], t0);
      await claimOne(t0, 'dead');
      await claimOne(t0, 'alive');
      const rescued = await rig.store.rescue(t0 + 1, { deadOwners: ['dead'] });
      expect(rescued.map(({ id }) => id)).toEqual(['a']);
      expect(await stateOf('b')).toMatchObject({ state: 'running' });
    });

    test('expired leases are ignored when the caller distrusts the clock', async () => {
      await rig.store.accept([call('a')], t0);
      await claim();
      expect(await rig.store.rescue(t0 + 10 * leaseMs, { expired: false })).toEqual([]);
    });

    test('other clients see owners until they are removed, and owners with a lease are not removed', async () => {
      const owner: OwnerRecord = {
        id: 'one',
        place: 'here',
        pid: 42,
        processStart: '7',
        registeredAtMs: t0,
      };
      await rig.store.registerOwner(owner);
      const other = await rig.openAnother();
      expect(await other.owners()).toEqual([owner]);
      await rig.store.accept([call('a')], t0);
      const lease = await claimOne();
      await other.removeOwners(['one']);
      expect(await rig.store.owners()).toEqual([owner]);
      await rig.store.succeed(lease, t0);
      await other.removeOwners(['one']);
      expect(await rig.store.owners()).toEqual([]);
    });
  });
}
