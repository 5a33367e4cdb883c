import { describe, expect, test } from 'vitest';
import type { Delivery, CallOutcome } from '../../../../src/runtime/queue/delivery.ts';
import { call, leaseMs, leaseOf, retry, t0, thrown, type StoreRig } from './store-rig.ts';

/** What is done to an invocation from outside, and who is told how it ended. */
export function cancelReplayDestinations(rig: StoreRig): void {
  const { claim, claimOne, stateOf } = rig;

  describe('cancel and replay', () => {
    test('a queued invocation is cancelled, once', async () => {
      await rig.store.accept([call('a')], t0);
      expect(await rig.store.cancel('a', t0 + 1)).toBe(true);
      expect(await rig.store.cancel('a', t0 + 2)).toBe(false);
      expect(await stateOf('a')).toMatchObject({ state: 'cancelled', finishedAtMs: t0 + 1 });
      expect(await claim({ nowMs: t0 + 5 })).toEqual([]);
    });

    test('a running invocation is cancelled and its run cannot write any more', async () => {
      await rig.store.accept([call('a')], t0);
      const lease = await claimOne();
      expect(await rig.store.cancel('a', t0 + 1)).toBe(true);
      expect(await rig.store.succeed(lease, t0 + 2)).toBe(false);
      expect(await rig.store.get('a')).toMatchObject({
        invocation: { state: 'cancelled' },
        attempts: [{ outcome: 'cancelled', finishedAtMs: t0 + 1 }],
      });
    });

    test('an ended or unknown invocation cannot be cancelled', async () => {
      await rig.store.accept([call('a')], t0);
      await rig.store.succeed(await claimOne(), t0);
      expect([await rig.store.cancel('a', t0), await rig.store.cancel('nobody', t0)]).toEqual([
        false,
        false,
      ]);
    });

    test('a failed invocation is replayed with all attempts and its whole event age', async () => {
      await rig.store.accept([call('a', 'send', { retry: { ...retry, maxAttempts: 2 } })], t0);
      await rig.store.fail(await claimOne(), thrown, t0);
      await rig.store.fail(await claimOne(t0 + 60_000), thrown, t0 + 60_000);
      const later = t0 + 365 * 86_400_000;
      expect(await rig.store.replay('a', later)).toBe(true);
      expect(await stateOf('a')).toMatchObject({
        state: 'queued',
        attempt: 0,
        availableAtMs: later,
        replayedAtMs: later,
        acceptedAtMs: t0,
      });
      await rig.store.fail(await claimOne(later), thrown, later);
      expect(await stateOf('a')).toMatchObject({ state: 'queued', attempt: 1 });
      expect((await rig.store.get('a'))?.attempts.map(({ number }) => number)).toEqual([1, 2, 1]);
    });

    test('a cancelled invocation is replayed; a queued, running or succeeded one is not', async () => {
      await rig.store.accept([call('a')], t0);
      expect(await rig.store.replay('a', t0)).toBe(false);
      const lease = await claimOne();
      expect(await rig.store.replay('a', t0)).toBe(false);
      await rig.store.succeed(lease, t0);
      expect(await rig.store.replay('a', t0)).toBe(false);
      await rig.store.accept([call('b')], t0);
      await rig.store.cancel('b', t0);
      expect(await rig.store.replay('b', t0)).toBe(true);
      expect(await claim()).toHaveLength(1);
    });
  });

  describe('destinations', () => {
    const onSuccess = 'https://example.com/ok';
    const onFailure = 'https://example.com/bad';
    const destinations = {
      onSuccess,
      onFailure,
      request: { method: 'POST', url: 'http://site.test/x' },
    };
    const deliveries = async () =>
      (await claim({ free: { 'send:destination': 10 }, nowMs: t0 + 2 * leaseMs })).map(
        ({ invocation, payload }) => {
          const { url, body } = JSON.parse(Buffer.from(payload).toString()) as Delivery;
          return {
            functionName: invocation.functionName,
            url,
            outcome: JSON.parse(body) as CallOutcome,
          };
        },
      );
    const once = { ...retry, maxAttempts: 1 };

    test('a success becomes a delivery with the response of the function', async () => {
      await rig.store.accept(
        [
          call('a', 'send', { destinations }),
          call('b', 'send', { destinations: { request: {} } }),
          call('c'),
        ],
        t0,
      );
      const claims = await claim();
      expect(claims.map(({ wantsResponse }) => wantsResponse)).toEqual([true, false, false]);
      for (const claimed of claims) {
        await rig.store.succeed(
          leaseOf(claimed),
          t0 + 5,
          JSON.stringify({ statusCode: 200, body: 'done' }),
        );
      }
      expect(await deliveries()).toEqual([
        {
          functionName: 'send:destination',
          url: onSuccess,
          outcome: {
            version: 1,
            id: 'a',
            function: 'send',
            state: 'succeeded',
            acceptedAt: new Date(t0).toISOString(),
            finishedAt: new Date(t0 + 5).toISOString(),
            attempts: [
              {
                number: 1,
                startedAt: new Date(t0).toISOString(),
                finishedAt: new Date(t0 + 5).toISOString(),
                outcome: 'succeeded',
                error: null,
              },
            ],
            error: null,
            request: destinations.request,
            response: { statusCode: 200, body: 'done' },
          },
        },
      ]);
    });

    test('a failure becomes a delivery after the last attempt, without the stack', async () => {
      await rig.store.accept(
        [
          call('a', 'send', {
            destinations,
            retry: { ...retry, maxAttempts: 2, delaysSeconds: [0] },
          }),
        ],
        t0,
      );
      await rig.store.fail(await claimOne(), thrown, t0 + 1);
      expect(await deliveries()).toEqual([]);
      await rig.store.fail(await claimOne(t0 + 2), thrown, t0 + 3);
      const { stack: _stack, ...error } = thrown;
      expect(await deliveries()).toMatchObject([
        {
          url: onFailure,
          outcome: { state: 'failed', error, attempts: [{ error }, { error }], response: null },
        },
      ]);
    });

    test('a lost run without further attempts becomes a delivery as well', async () => {
      await rig.store.accept([call('a', 'send', { destinations, retry: once })], t0);
      await claimOne();
      await rig.store.rescue(t0 + leaseMs);
      expect(await deliveries()).toMatchObject([
        { url: onFailure, outcome: { error: { reason: 'lost' } } },
      ]);
    });

    test('a release, a cancel, or a run without its lease becomes no delivery', async () => {
      await rig.store.accept([call('a', 'send', { destinations })], t0);
      const first = await claimOne();
      await rig.store.release(first, t0);
      const second = await claimOne();
      expect(await rig.store.succeed(first, t0)).toBe(false);
      await rig.store.cancel('a', t0);
      expect(await rig.store.succeed(second, t0)).toBe(false);
      expect(await deliveries()).toEqual([]);
    });

    test('each end of a replayed invocation becomes a delivery', async () => {
      await rig.store.accept([call('a', 'send', { destinations, retry: once })], t0);
      await rig.store.fail(await claimOne(), thrown, t0);
      await rig.store.replay('a', t0 + 1);
      await rig.store.succeed(await claimOne(t0 + 1), t0 + 2);
      expect((await deliveries()).map(({ outcome }) => outcome.state)).toEqual([
        'failed',
        'succeeded',
      ]);
    });
  });
}
