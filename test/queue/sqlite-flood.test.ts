import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/queue/sqlite/open-sqlite-store.ts';
import { StoreUnavailableError } from '../../src/queue/store.ts';
import type { Store } from '../../src/queue/store.ts';
import { call } from '../suites/store.suite.ts';

const t0 = 1_700_000_000_000;

let directory: string;
let file: string;
let store: Store;
/** Sees what the store wrote. */
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

const rowsOf = (table: 'inbox' | 'invocations'): unknown => db.prepare(`SELECT count(*) AS amount FROM ${table}`).get()?.['amount'];

/** 200 groups of 20 calls. */
async function flood(functionName = 'send'): Promise<readonly string[]> {
  const groups = Array.from({ length: 200 }, (_, group) => Array.from({ length: 20 }, (_unused, index) => `${functionName}-${group}-${index}`));
  for (const [index, ids] of groups.entries()) await store.accept(ids.map((id) => call(id, functionName)), t0 + index);
  return groups.flat();
}

describe('a flood of calls', () => {
  test('is on the disk as groups, and counted', async () => {
    const ids = await flood();
    await store.accept([call('last', 'other')], t0 + 500);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([201, 0]);
    expect(await store.stats(t0 + 1000)).toEqual([
      { functionName: 'other', counts: { queued: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0 }, oldestDueMs: 500 },
      { functionName: 'send', counts: { queued: ids.length, running: 0, succeeded: 0, failed: 0, cancelled: 0 }, oldestDueMs: 1000 },
    ]);
    expect(await store.nextAvailableAtMs()).toBe(t0);
  });

  test('is claimed in its order, a step of it at a time', async () => {
    const ids = await flood();
    const claimed = await store.claim({ owner: 'one', free: { send: 40 }, limit: 40, nowMs: t0 + 1000, leaseMs: 1000 });
    expect(claimed.map(({ invocation }) => invocation.id)).toEqual(ids.slice(0, 40));
    expect(claimed.map(({ invocation }) => invocation.acceptedAtMs)).toEqual([...Array.from({ length: 20 }, () => t0), ...Array.from({ length: 20 }, () => t0 + 1)]);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([175, 500]);
  });

  test('holds up no claim of another function, and none makes work where no slot is free', async () => {
    await flood();
    await store.accept([call('last', 'other')], t0 + 500);
    expect(await store.claim({ owner: 'one', free: { third: 1 }, limit: 1, nowMs: t0 + 1000, leaseMs: 1000 })).toEqual([]);
    expect(rowsOf('invocations')).toBe(0);
    const claimed = await store.claim({ owner: 'one', free: { other: 1 }, limit: 1, nowMs: t0 + 1000, leaseMs: 1000 });
    expect(claimed.map(({ invocation }) => invocation.id)).toEqual(['last']);
  });

  test('knows a repeated idempotency key, of a call before it and within it', async () => {
    await store.accept([call('first', 'send', { idempotencyKey: 'k' })], t0);
    await flood();
    const repeated = Array.from({ length: 10 }, (_, index) => call(`r${index}`, 'send', { idempotencyKey: index === 9 ? 'k' : 'new' }));
    expect((await store.accept(repeated, t0)).map(({ id }) => id)).toEqual([...Array.from({ length: 9 }, () => 'r0'), 'first']);
  });

  test('is shown and cancelled call by call', async () => {
    const ids = await flood();
    expect(await store.cancel('send-199-3', t0 + 1000)).toBe(true);
    expect((await store.get('send-150-0'))?.invocation).toMatchObject({ state: 'queued', acceptedAtMs: t0 + 150 });
    expect(await store.get('never')).toBeUndefined();
    expect((await store.list({ limit: 5000, states: ['queued'] })).map(({ id }) => id)).toEqual(ids.filter((id) => id !== 'send-199-3').toReversed());
  });

  test('becomes invocations by itself when nothing is asked', async () => {
    const ids = await flood();
    await store.close();
    store = await openSqliteStore({ file, idleAfterMs: 0 });
    await store.probe();
    await expect.poll(() => [rowsOf('inbox'), rowsOf('invocations')], { timeout: 20_000 }).toEqual([0, ids.length]);
    expect(await store.stats(t0)).toMatchObject([{ counts: { queued: ids.length } }]);
  });

  test('of which a group cannot be read is a damaged store, and the row stays for whoever mends it', async () => {
    await flood();
    db.exec(`UPDATE inbox SET calls = x'7b7b' WHERE seq = 1`);
    const claim = store.claim({ owner: 'one', free: { send: 1 }, limit: 1, nowMs: t0 + 1000, leaseMs: 1000 });
    await expect(claim).rejects.toThrow(StoreUnavailableError);
    await expect(claim).rejects.toThrow('row 1 of its inbox');
    expect(rowsOf('inbox')).toBe(200);
  });

  test('of large payloads is not written twice', async () => {
    await store.accept(Array.from({ length: 20 }, (_, index) => call(`large${index}`, 'send', { payload: new Uint8Array(100_000) })), t0);
    expect([rowsOf('inbox'), rowsOf('invocations')]).toEqual([0, 20]);
  });
});
