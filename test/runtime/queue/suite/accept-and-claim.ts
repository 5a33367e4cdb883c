import { describe, expect, test } from 'vitest';
import { call, leaseMs, leaseOf, retry, t0, type StoreRig } from './store-rig.ts';

/** The accept of invocations, and the order in which claims take them. */
export function acceptAndClaim(rig: StoreRig): void {
  const { claim, claimOne, stateOf } = rig;

  describe('accept', () => {
    test('stores calls byte for byte', async () => {
      const payload = new Uint8Array([0, 255, 10, 13, 195, 40]);
      expect(await rig.store.accept([call('a', 'send', { payload })], t0)).toEqual([
        { id: 'a', duplicate: false },
      ]);
      expect(await rig.store.get('a')).toEqual({
        invocation: {
          kind: 'call',
          id: 'a',
          functionName: 'send',
          acceptedAtMs: t0,
          attempt: 0,
          retry,
          state: 'queued',
          availableAtMs: t0,
        },
        attempts: [],
      });
      expect(Buffer.from((await claim())[0]!.payload)).toEqual(Buffer.from(payload));
    });

    test('takes a payload of 1 MiB', async () => {
      const payload = new Uint8Array(1024 * 1024).fill(7);
      await rig.store.accept([call('big', 'send', { payload })], t0);
      expect(Buffer.from((await claim())[0]!.payload).equals(payload)).toBe(true);
    });

    test('resolves to the first call for a repeated idempotency key of one function', async () => {
      const first = await rig.store.accept([call('a', 'send', { idempotencyKey: 'k' })], t0);
      const second = await rig.store.accept([call('b', 'send', { idempotencyKey: 'k' })], t0 + 1);
      expect([first, second]).toEqual([
        [{ id: 'a', duplicate: false }],
        [{ id: 'a', duplicate: true }],
      ]);
      expect(await rig.store.get('b')).toBeUndefined();
      expect(await stateOf('a')).toMatchObject({ idempotencyKey: 'k', acceptedAtMs: t0 });
    });

    test('detects a repeated key within one group of calls', async () => {
      const accepted = await rig.store.accept(
        [call('a', 'send', { idempotencyKey: 'k' }), call('b', 'send', { idempotencyKey: 'k' })],
        t0,
      );
      expect(accepted).toEqual([
        { id: 'a', duplicate: false },
        { id: 'a', duplicate: true },
      ]);
    });

    test('detects a repeated key after the invocation has ended', async () => {
      await rig.store.accept([call('a', 'send', { idempotencyKey: 'k' })], t0);
      await rig.store.succeed(await claimOne(), t0);
      expect(await rig.store.accept([call('b', 'send', { idempotencyKey: 'k' })], t0)).toEqual([
        { id: 'a', duplicate: true },
      ]);
    });

    test('keeps the keys of two functions apart', async () => {
      const accepted = await rig.store.accept(
        [call('a', 'send', { idempotencyKey: 'k' }), call('b', 'mail', { idempotencyKey: 'k' })],
        t0,
      );
      expect(accepted.map(({ duplicate }) => duplicate)).toEqual([false, false]);
    });

    test('stores the same id once', async () => {
      await rig.store.accept([call('a')], t0);
      expect(await rig.store.accept([call('a')], t0)).toMatchObject([{ id: 'a' }]);
      expect(await rig.store.list({ limit: 10 })).toHaveLength(1);
    });

    test('answers many concurrent calls, each with its own id', async () => {
      const ids = Array.from({ length: 200 }, (_, index) => `c${index}`);
      const accepted = await Promise.all(ids.map((id) => rig.store.accept([call(id)], t0)));
      expect(accepted.flat().map(({ id }) => id)).toEqual(ids);
      expect(await rig.store.list({ limit: 1000 })).toHaveLength(200);
    });
  });

  describe('claim', () => {
    test('turns a due invocation into a running one, under a lease', async () => {
      await rig.store.accept([call('a')], t0);
      const [claimed] = await claim({ nowMs: t0 + 5 });
      expect(claimed?.invocation).toMatchObject({
        state: 'running',
        attempt: 1,
        startedAtMs: t0 + 5,
        lease: { owner: 'one', expiresAtMs: t0 + 5 + leaseMs },
      });
      expect((await rig.store.get('a'))?.attempts).toEqual([
        { number: 1, startedAtMs: t0 + 5, outcome: 'running' },
      ]);
      expect(await claim({ nowMs: t0 + 6 })).toEqual([]);
    });

    test('takes the oldest first, and no more than the limit', async () => {
      await rig.store.accept([call('a'), call('b')], t0 + 2);
      await rig.store.accept([call('c')], t0 + 1);
      const ids = (await claim({ nowMs: t0 + 9, limit: 2 })).map(({ invocation }) => invocation.id);
      expect(ids).toEqual(['c', 'a']);
    });

    test('leaves invocations that are not due yet', async () => {
      await rig.store.accept([call('a')], t0 + 1000);
      expect(await claim({ nowMs: t0 + 999 })).toEqual([]);
      expect(await claim({ nowMs: t0 + 1000 })).toHaveLength(1);
    });

    test('gives a function at most its free slots, and an unnamed function nothing', async () => {
      await rig.store.accept(
        [call('a'), call('b'), call('c', 'mail'), call('d', 'constructor')],
        t0,
      );
      const claimed = await claim({ free: { send: 1 } });
      expect(claimed.map(({ invocation }) => invocation.id)).toEqual(['a']);
    });

    test('lets a function with few waiting invocations overtake one with many', async () => {
      await rig.store.accept(
        Array.from({ length: 50 }, (_, index) => call(`flood${index}`, 'flood')),
        t0,
      );
      await rig.store.accept([call('late', 'rare')], t0 + 1);
      const claimed = await claim({ free: { flood: 10, rare: 10 }, limit: 2, nowMs: t0 + 2 });
      expect(claimed.map(({ invocation }) => invocation.functionName).toSorted()).toEqual([
        'flood',
        'rare',
      ]);
    });

    test('takes deliveries up to their limit over all functions, of other functions in each claim', async () => {
      const names = ['a:destination', 'b:destination', 'c:destination'];
      const destinations = { onSuccess: 'https://example.com/ok', request: {} };
      await rig.store.accept(
        ['a', 'b', 'c'].flatMap((name) =>
          [1, 2].map((index) => call(`${name}${index}`, name, { destinations })),
        ),
        t0,
      );
      for (const ended of await claim({ free: { a: 2, b: 2, c: 2 } })) {
        await rig.store.succeed(leaseOf(ended), t0);
      }
      await rig.store.accept([call('work', 'send')], t0);
      const round = async () =>
        (
          await claim({
            free: { send: 4, 'a:destination': 2, 'b:destination': 2, 'c:destination': 2 },
            deliveryLimit: 2,
          })
        ).map(({ invocation }) => invocation.functionName);
      const [first, second, third] = [await round(), await round(), await round()];
      expect(first.filter((name) => name === 'send')).toHaveLength(1);
      expect([first.filter((name) => name !== 'send').length, second.length, third.length]).toEqual(
        [2, 2, 2],
      );
      expect(new Set([...first, ...second])).toEqual(new Set(['send', ...names]));
      expect(await claim({ free: { 'a:destination': 2 }, deliveryLimit: 0 })).toEqual([]);
    });

    test('stays fair when slots become free one at a time', async () => {
      await rig.store.accept(
        Array.from({ length: 50 }, (_, index) => call(`flood${index}`, 'flood')),
        t0,
      );
      await rig.store.accept([call('late', 'rare')], t0 + 1);
      const claimed: string[] = [];
      for (let step = 2; step < 4; step += 1) {
        const [one] = await claim({ free: { flood: 1, rare: 1 }, limit: 1, nowMs: t0 + step });
        claimed.push(one!.invocation.functionName);
        await rig.store.succeed(leaseOf(one!), t0 + step);
      }
      expect(claimed.toSorted()).toEqual(['flood', 'rare']);
    });

    test('never gives one invocation to two claims', async () => {
      const other = await rig.openAnother();
      await rig.store.accept(
        Array.from({ length: 60 }, (_, index) => call(`i${index}`)),
        t0,
      );
      const rounds = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          claim({ owner: `o${index % 2}`, limit: 3 }, index % 2 === 0 ? rig.store : other),
        ),
      );
      const ids = rounds.flat().map(({ invocation }) => invocation.id);
      expect(ids).toHaveLength(60);
      expect(new Set(ids).size).toBe(60);
    });
  });
}
