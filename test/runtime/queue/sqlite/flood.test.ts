import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { StoreUnavailableError, type Store } from '../../../../src/runtime/queue/store.ts';
import { onChange } from '../../../support/on-change.ts';
import { call } from '../suite/store-rig.ts';

const t0 = 1_700_000_000_000;

let directory: string;
let file: string;
let store: Store;
/** Reads the tables that the store wrote. */
let db: DatabaseSync;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'bgfn-flood-'));
  file = path.join(directory, 'queue.db');
  store = await openSqliteStore({ file, idleAfterMs: 3_600_000 });
  db = new DatabaseSync(file);
});
afterEach(async () => {
  db.close();
  await store.close();
  await rm(directory, { recursive: true });
});

const rowsOf = (table: 'inbox' | 'invocations'): unknown =>
  db.prepare(`SELECT count(*) AS amount FROM ${table}`).get()?.['amount'];

/** 200 groups of 20 calls. */
async function flood(functionName = 'send'): Promise<readonly string[]> {
  const groups = Array.from({ length: 200 }, (_, group) =>
    Array.from({ length: 20 }, (_unused, index) => `${functionName}-${group}-${index}`),
  );
  for (const [index, ids] of groups.entries()) {
    await store.accept(
      ids.map((id) => call(id, functionName)),
      t0 + index,
    );
  }
  return groups.flat();
}

describe('a flood of calls', () => {
  test('is stored as groups, and counted; a single call is a row at once', async () => {
    const ids = await flood();
    await store.accept([call('last', 'other')], t0 + 500);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([200, 1]);
    expect(await store.stats(t0 + 1000)).toEqual([
      {
        kind: 'call',
        functionName: 'other',
        counts: { queued: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
        oldestDueMs: 500,
      },
      {
        kind: 'call',
        functionName: 'send',
        counts: { queued: ids.length, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
        oldestDueMs: 1000,
      },
    ]);
    expect(await store.nextAvailableAtMs()).toBe(t0);
    expect(await store.nextAvailableAtMs(t0 + 1000)).toBeUndefined();
  });

  test('is claimed in its order, and no more of it is unpacked than the claim needs', async () => {
    const ids = await flood();
    const claimed = await store.claim({
      owner: 'one',
      free: { send: 30 },
      limit: 30,
      nowMs: t0 + 1000,
      leaseMs: 1000,
    });
    expect(claimed.map(({ invocation }) => invocation.id)).toEqual(ids.slice(0, 30));
    expect(claimed.map(({ invocation }) => invocation.acceptedAtMs)).toEqual([
      ...Array.from({ length: 20 }, () => t0),
      ...Array.from({ length: 10 }, () => t0 + 1),
    ]);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([198, 40]);
    await store.claim({
      owner: 'one',
      free: { send: 10 },
      limit: 10,
      nowMs: t0 + 1000,
      leaseMs: 1000,
    });
    expect(rowsOf('inbox')).toBe(198);
  });

  test('is claimed before invocations that fell due after it: a retry, a call with a key', async () => {
    await store.accept([call('failed')], t0);
    const [first] = await store.claim({
      owner: 'one',
      free: { send: 1 },
      limit: 1,
      nowMs: t0,
      leaseMs: 1000,
    });
    const ids = await flood();
    await store.accept([call('keyed', 'send', { idempotencyKey: 'k' })], t0 + 500);
    await store.fail(
      { id: 'failed', token: first!.invocation.lease.token },
      { reason: 'error', type: 'Error', message: '' },
      t0,
      [1],
    );
    const claimed = await store.claim({
      owner: 'one',
      free: { send: 5000 },
      limit: 5000,
      nowMs: t0 + 2000,
      leaseMs: 1000,
    });
    expect(claimed.map(({ invocation }) => invocation.id)).toEqual([...ids, 'keyed', 'failed']);
  });

  test('from before the clock was set back does not delay a later flood', async () => {
    const group = (name: string) =>
      Array.from({ length: 20 }, (_, index) => call(`${name}${index}`));
    await store.accept(group('before'), t0 + 3_600_000);
    await store.accept(group('after'), t0);
    const claimed = await store.claim({
      owner: 'one',
      free: { send: 100 },
      limit: 100,
      nowMs: t0 + 1,
      leaseMs: 1000,
    });
    expect(claimed.map(({ invocation }) => invocation.id)).toEqual(
      group('after').map(({ id }) => id),
    );
    expect(await store.stats(t0 + 1)).toMatchObject([{ counts: { queued: 20, running: 20 } }]);
    expect(
      await store.claim({
        owner: 'one',
        free: { send: 100 },
        limit: 100,
        nowMs: t0 + 3_600_000,
        leaseMs: 1000,
      }),
    ).toHaveLength(20);
  });

  test('of one function is not unpacked by a claim of another function, however much is before it', async () => {
    await flood();
    const mixed = Array.from({ length: 20 }, (_, index) => [
      call(`a${index}`, 'send'),
      call(`b${index}`, 'other'),
    ]).flat();
    await store.accept(mixed, t0 + 500);
    expect(rowsOf('inbox')).toBe(202);
    const claimed = await store.claim({
      owner: 'one',
      free: { other: 4, third: 1 },
      limit: 4,
      nowMs: t0 + 1000,
      leaseMs: 1000,
    });
    expect(claimed.map(({ invocation }) => invocation.id)).toEqual(['b0', 'b1', 'b2', 'b3']);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([201, 20]);
  });

  test('detects a repeated idempotency key, of an earlier call and within the flood', async () => {
    await store.accept([call('first', 'send', { idempotencyKey: 'k' })], t0);
    await flood();
    const repeated = Array.from({ length: 10 }, (_, index) =>
      call(`r${index}`, 'send', { idempotencyKey: index === 9 ? 'k' : 'new' }),
    );
    expect((await store.accept(repeated, t0)).map(({ id }) => id)).toEqual([
      ...Array.from({ length: 9 }, () => 'r0'),
      'first',
    ]);
  });

  test('is listed and cancelled call by call, newest first, and a read changes nothing', async () => {
    const ids = await flood();
    await store.accept([call('keyed', 'send', { idempotencyKey: 'k' })], t0 + 500);
    const after = Array.from({ length: 20 }, (_, index) => `after${index}`);
    await store.accept(
      after.map((id) => call(id)),
      t0 + 600,
    );
    const all = [...ids, 'keyed', ...after].toReversed();
    expect((await store.list({ limit: 10_000, states: ['queued'] })).map(({ id }) => id)).toEqual(
      all,
    );
    expect((await store.list({ limit: 25, functionName: 'send' })).map(({ id }) => id)).toEqual(
      all.slice(0, 25),
    );
    expect(
      (await store.list({ limit: 10_000, acceptedAfterMs: t0 + 500 })).map(({ id }) => id),
    ).toEqual(all.slice(0, 21));
    expect((await store.list({ limit: 30, beforeId: 'after9' })).map(({ id }) => id)).toEqual(
      all.slice(11, 41),
    );
    expect(
      (await store.list({ limit: 10_000, beforeId: 'send-150-2' })).map(({ id }) => id),
    ).toEqual(all.slice(all.indexOf('send-150-2') + 1));
    expect(await store.list({ limit: 10, states: ['failed'] })).toEqual([]);
    expect(await store.get('send-150-0')).toMatchObject({
      invocation: { state: 'queued', acceptedAtMs: t0 + 150, availableAtMs: t0 + 150 },
      attempts: [],
    });
    expect(await store.get('never')).toBeUndefined();
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([201, 1]);
    expect(await store.cancel('send-199-3', t0 + 1000)).toBe(true);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([200, 21]);
    expect((await store.list({ limit: 10_000, states: ['queued'] })).map(({ id }) => id)).toEqual(
      all.filter((id) => id !== 'send-199-3'),
    );
  });

  test('is found by readers while another process claims it', async () => {
    const ids = await flood();
    const asked = ids.slice(0, 200);
    const [found] = await Promise.all([
      Promise.all(asked.map((id) => store.get(id))),
      ...Array.from({ length: 10 }, () =>
        store.claim({
          owner: 'one',
          free: { send: 40 },
          limit: 40,
          nowMs: t0 + 1000,
          leaseMs: 1000,
        }),
      ),
    ]);
    expect(found.map((detail) => detail?.invocation.id)).toEqual(asked);
  });

  test('is unpacked when the store is idle', async () => {
    const ids = await flood();
    await store.close();
    store = await openSqliteStore({ file, idleAfterMs: 0 });
    await store.probe();
    await onChange(directory, () => rowsOf('inbox') === 0);
    expect(rowsOf('invocations')).toBe(ids.length);
    expect(await store.stats(t0)).toMatchObject([{ counts: { queued: ids.length } }]);
  });

  test('with an unreadable group delays neither other functions nor accepts, and the row is kept for a repair', async () => {
    await flood();
    await flood('other');
    db.exec(
      `UPDATE inbox SET calls = x'7b7b' WHERE function_name = 'send' AND accepted_at_ms = ${t0}`,
    );
    const claim = (free: Record<string, number>) =>
      store.claim({ owner: 'one', free, limit: 4, nowMs: t0 + 1000, leaseMs: 1000 });
    const [mixed, accepted] = await Promise.all([
      claim({ send: 2, other: 2 }),
      store.accept([call('new')], t0),
    ]);
    expect(mixed.map(({ invocation }) => invocation.functionName)).toEqual(['other', 'other']);
    expect(accepted).toEqual([{ id: 'new', duplicate: false }]);
    await store.cancel('new', t0);
    const [broken, more] = await Promise.allSettled([
      claim({ send: 2 }),
      store.accept([call('more', 'other')], t0),
    ]);
    expect(broken).toMatchObject({
      status: 'rejected',
      reason: {
        message: expect.stringMatching(/damaged: row \d+ of its inbox, with 20 calls of send/),
      },
    });
    expect(more.status).toBe('fulfilled');
    expect(
      await store.list({ limit: 10_000, functionName: 'send', states: ['queued'] }),
    ).toHaveLength(199 * 20);
    expect(
      db.prepare(`SELECT count(*) AS amount FROM inbox WHERE function_name = 'send'`).get(),
    ).toEqual({ amount: 200 });
  });

  test('on a full disk does not prevent invocations that have rows from running', async () => {
    const full = path.join(directory, 'full.db');
    const small = await openSqliteStore({ file: full, maxPages: 400, idleAfterMs: 3_600_000 });
    const payload = new Uint8Array(2000);
    await small.accept(
      Array.from({ length: 200 }, (_, index) =>
        call(`row${index}`, 'send', { payload, idempotencyKey: `k${index}` }),
      ),
      t0,
    );
    let floods = 0;
    for (; ; floods += 1) {
      const accepted = await small
        .accept(
          Array.from({ length: 20 }, (_, index) =>
            call(`f${floods}-${index}`, 'send', { payload }),
          ),
          t0 + 1,
        )
        .catch((error: unknown) => error);
      if (accepted instanceof StoreUnavailableError) break;
    }
    expect(floods).toBeGreaterThan(5);
    let ran = 0;
    for (;;) {
      const claimed = await small
        .claim({ owner: 'one', free: { send: 4 }, limit: 4, nowMs: t0 + 1000, leaseMs: 1000 })
        .catch(() => []);
      if (claimed.length === 0) break;
      for (const { invocation } of claimed) {
        ran += Number(
          await small
            .succeed({ id: invocation.id, token: invocation.lease.token }, t0 + 1000)
            .catch(() => false),
        );
      }
      await small.purge({ finishedBeforeMs: t0 + 2000 });
    }
    expect(ran).toBe(200 + 20 * floods);
    await small.close();
  });

  test('of large payloads is not written twice', async () => {
    await store.accept(
      Array.from({ length: 20 }, (_, index) =>
        call(`large${index}`, 'send', { payload: new Uint8Array(100_000) }),
      ),
      t0,
    );
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([0, 20]);
  });
});
