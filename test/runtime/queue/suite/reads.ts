import { describe, expect, test } from 'vitest';
import type { Store } from '../../../../src/runtime/queue/store.ts';
import { call, retry, t0, thrown, type StoreRig } from './store-rig.ts';

/** Reads of a store, and its purges. */
export function reads(rig: StoreRig): void {
  const { claimOne } = rig;

  test('checks with a probe whether it can write, and leaves no trace', async () => {
    await rig.store.probe();
    expect(await rig.store.owners()).toEqual([]);
  });

  describe('reads', () => {
    test('an unknown id is undefined', async () => {
      expect(await rig.store.get('nobody')).toBeUndefined();
    });

    test('an accepted call is returned byte for byte, whether it came alone or with many', async () => {
      const many = Array.from({ length: 10 }, (_, index) =>
        call(`m${index}`, 'send', { payload: Buffer.from([index, 0, 255]) }),
      );
      await rig.store.accept(many, t0);
      await rig.store.accept([call('a', 'send', { payload: Buffer.from('alone') })], t0);
      expect(Buffer.from((await rig.store.payload('m7')) ?? [])).toEqual(Buffer.from([7, 0, 255]));
      expect(Buffer.from((await rig.store.payload('a')) ?? []).toString()).toBe('alone');
      expect(await rig.store.payload('nobody')).toBeUndefined();
    });

    test('lists the newest first, by function, state and time', async () => {
      await rig.store.accept([call('a')], t0);
      await rig.store.accept([call('b', 'mail')], t0 + 1);
      await rig.store.accept([call('c')], t0 + 2);
      await rig.store.succeed(await claimOne(t0 + 3), t0 + 4);
      const ids = async (filter: Parameters<Store['list']>[0]) =>
        (await rig.store.list(filter)).map(({ id }) => id);
      expect(await ids({ limit: 10 })).toEqual(['c', 'b', 'a']);
      expect(await ids({ limit: 2 })).toEqual(['c', 'b']);
      expect(await ids({ limit: 10, functionName: 'send' })).toEqual(['c', 'a']);
      expect(await ids({ limit: 10, states: ['queued'] })).toEqual(['c', 'b']);
      expect(await ids({ limit: 10, states: ['queued', 'succeeded'] })).toEqual(['c', 'b', 'a']);
      expect(await ids({ limit: 10, states: ['queued'], functionName: 'send' })).toEqual(['c']);
      expect(await ids({ limit: 10, acceptedAfterMs: t0 + 1, acceptedBeforeMs: t0 + 1 })).toEqual([
        'b',
      ]);
    });

    test('lists page by page the calls accepted before the last one of a page, also within one millisecond', async () => {
      for (const accepted of [
        [call('a')],
        [call('b', 'mail')],
        [call('c'), call('d'), call('e')],
      ]) {
        await rig.store.accept(accepted, t0);
      }
      const ids = async (filter: Parameters<Store['list']>[0]) =>
        (await rig.store.list(filter)).map(({ id }) => id);
      expect(await ids({ limit: 2, beforeId: 'e' })).toEqual(['d', 'c']);
      expect(await ids({ limit: 2, beforeId: 'c' })).toEqual(['b', 'a']);
      expect(await ids({ limit: 2, beforeId: 'a' })).toEqual([]);
      expect(await ids({ limit: 10, beforeId: 'd', functionName: 'send' })).toEqual(['c', 'a']);
      expect(await ids({ limit: 10, beforeId: 'b', states: ['queued'] })).toEqual(['a']);
      expect(await ids({ limit: 10, beforeId: 'never' })).toEqual([]);
    });

    test('counts by function and state, with the age of the oldest due invocation', async () => {
      await rig.store.accept([call('a'), call('b'), call('c'), call('d', 'mail')], t0);
      await rig.store.succeed(await claimOne(), t0);
      await claimOne();
      await rig.store.cancel('d', t0);
      const stats = (await rig.store.stats(t0 + 500)).toSorted((x, y) =>
        x.functionName.localeCompare(y.functionName),
      );
      expect(stats).toEqual([
        {
          kind: 'call',
          functionName: 'mail',
          counts: { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 1 },
        },
        {
          kind: 'call',
          functionName: 'send',
          counts: { queued: 1, running: 1, succeeded: 1, failed: 0, cancelled: 0 },
          oldestDueMs: 500,
        },
      ]);
    });

    test('returns when the next invocation falls due', async () => {
      expect(await rig.store.nextAvailableAtMs()).toBeUndefined();
      await rig.store.accept([call('a'), call('b')], t0);
      await rig.store.fail(await claimOne(), thrown, t0);
      expect(await rig.store.nextAvailableAtMs()).toBe(t0);
      expect(await rig.store.nextAvailableAtMs(t0)).toBe(t0 + 60_000);
      expect(await rig.store.nextAvailableAtMs(t0 + 60_000)).toBeUndefined();
    });

    test('purges the invocations that ended before a time, and no others', async () => {
      await rig.store.accept(
        [
          call('old', 'send', { idempotencyKey: 'k' }),
          call('failed', 'send', { retry: { ...retry, maxAttempts: 1 } }),
          call('running'),
          call('queued'),
        ],
        t0,
      );
      await rig.store.succeed(await claimOne(), t0 + 10);
      await rig.store.fail(await claimOne(), thrown, t0 + 10);
      await claimOne();
      expect(await rig.store.purge({ finishedBeforeMs: t0 + 10 })).toBe(0);
      expect(await rig.store.purge({ finishedBeforeMs: t0 + 11, states: ['succeeded'] })).toBe(1);
      expect(await rig.store.get('old')).toBeUndefined();
      expect(await rig.store.purge({ finishedBeforeMs: t0 + 10 ** 9 })).toBe(1);
      expect((await rig.store.list({ limit: 10 })).map(({ id }) => id).toSorted()).toEqual([
        'queued',
        'running',
      ]);
      expect(
        await rig.store.accept([call('new', 'send', { idempotencyKey: 'k' })], t0 + 20),
      ).toEqual([{ id: 'new', duplicate: false }]);
    });

    test('purges thousands without delaying accepts', async () => {
      const ids = Array.from({ length: 2500 }, (_, index) => `old${index}`);
      await rig.store.accept(
        ids.map((id) => call(id)),
        t0,
      );
      await Promise.all(ids.map((id) => rig.store.cancel(id, t0 + 1)));
      const order: string[] = [];
      const purged = rig.store.purge({ finishedBeforeMs: t0 + 2 }).then((count) => {
        order.push('purged');
        return count;
      });
      const accepted = rig.store.accept([call('new')], t0 + 3).then(() => order.push('accepted'));
      expect(await purged).toBe(2500);
      await accepted;
      expect(order).toEqual(['accepted', 'purged']);
      expect((await rig.store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['new']);
    });

    test('returns why the last attempt of a running invocation failed', async () => {
      await rig.store.accept([call('a')], t0);
      await rig.store.fail(await claimOne(), thrown, t0 + 1, [0]);
      await rig.store.claim({
        owner: 'o',
        free: { send: 1 },
        limit: 1,
        nowMs: t0 + 2,
        leaseMs: 30_000,
      });
      expect((await rig.store.get('a'))?.invocation).toMatchObject({
        state: 'running',
        attempt: 2,
        lastError: thrown,
      });
      expect(await rig.store.list({ limit: 1 })).toMatchObject([
        { state: 'running', lastError: thrown },
      ]);
    });

    test('another client sees the same, also after the first is closed', async () => {
      await rig.store.accept([call('a')], t0);
      const other = await rig.openAnother();
      expect((await other.get('a'))?.invocation.state).toBe('queued');
      await rig.store.close();
      expect((await other.get('a'))?.invocation.state).toBe('queued');
    });
  });
}
