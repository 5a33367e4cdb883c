import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { queueFormat } from '../../../../src/runtime/queue/sqlite/format.ts';
import { call, leaseMs, leaseOf, t0 } from '../suite/store-rig.ts';
import { queueFileRig } from './support/queue-file-rig.ts';

const rig = queueFileRig();

test.each([1, 2])(
  'a file of format %i is migrated to the newest with its whole queue, and its calls run',
  async (version) => {
    const db = new DatabaseSync(rig.file);
    for (const migration of queueFormat.migrations.slice(0, version)) db.exec(migration);
    db.exec(
      `PRAGMA application_id = ${queueFormat.applicationId}; PRAGMA user_version = ${version}`,
    );
    db.prepare(
      `INSERT INTO invocations (seq, id, function_name, state, accepted_at_ms, attempt, retry, available_at_ms) VALUES (1, 'old', 'send', 'queued', ?, 0, ?, ?)`,
    ).run(
      t0,
      JSON.stringify({ maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 }),
      t0,
    );
    db.prepare('INSERT INTO payloads VALUES (1, ?)').run(Buffer.from('{"headers":{}}'));
    db.close();
    const store = await rig.open();
    await store.accept(
      Array.from({ length: 20 }, (_, index) => call(`new${index}`)),
      t0,
    );
    const claimed = await store.claim({
      owner: 'one',
      free: { send: 30 },
      limit: 30,
      nowMs: t0,
      leaseMs: 1000,
    });
    expect(claimed).toHaveLength(21);
    expect(Buffer.from(claimed[0]?.payload ?? []).toString()).toBe('{"headers":{}}');
    expect(await store.stats(t0)).toEqual([
      {
        kind: 'call',
        functionName: 'send',
        counts: { queued: 0, running: 21, succeeded: 0, failed: 0, cancelled: 0 },
      },
    ]);
  },
);

/**
 * `files/format-3.db.gz` is a file that bgfn wrote before deliveries were a kind of invocation. It
 * contains calls of `send` at `t0`: `first`, `second` and `third` have ended, and their outcomes
 * wait for delivery (one after a failed attempt, one under the lease of a dead owner, one not tried
 * yet). `keyed` runs under the lease of a dead owner, `waiting` has a row, `cancelled` has ended,
 * and 20 more calls are in the inbox.
 */
async function layOutFormat3(): Promise<void> {
  const packed = await readFile(path.join(import.meta.dirname, 'files', 'format-3.db.gz'));
  await writeFile(rig.file, gunzipSync(packed));
}

test('the deliveries in a file of format 3 are distinguished from its calls, and nothing is lost', async () => {
  await layOutFormat3();
  const store = await rig.open();
  const kinds = await store.list({ limit: 100 });
  expect(kinds).toHaveLength(29);
  for (const invocation of kinds) {
    expect(invocation).toMatchObject(
      invocation.functionName === 'send:destination'
        ? { kind: 'delivery', outcomeOf: 'send' }
        : { kind: 'call', functionName: 'send' },
    );
  }
  expect(await store.stats(t0 + 10)).toEqual([
    {
      kind: 'call',
      functionName: 'send',
      counts: { queued: 21, running: 1, succeeded: 2, failed: 1, cancelled: 1 },
      oldestDueMs: 6,
    },
    {
      kind: 'delivery',
      outcomeOf: 'send',
      functionName: 'send:destination',
      counts: { queued: 2, running: 1, succeeded: 0, failed: 0, cancelled: 0 },
      oldestDueMs: 8,
    },
  ]);

  const laterMs = t0 + 10 * leaseMs;
  await store.rescue(laterMs, { deadOwners: ['gone'], delaysSeconds: [0] });
  const claim = (deliveryLimit: number) =>
    store.claim({
      owner: 'one',
      free: { send: 30, 'send:destination': 30 },
      limit: 60,
      deliveryLimit,
      nowMs: laterMs,
      leaseMs,
    });
  const calls = await claim(0);
  expect(calls.map(({ invocation }) => invocation.id).toSorted()).toEqual(
    ['keyed', 'waiting', ...Array.from({ length: 20 }, (_, index) => `flood${index}`)].toSorted(),
  );
  const deliveries = await claim(30);
  expect(deliveries).toHaveLength(3);
  const outcomes = deliveries.map(({ payload }) => {
    const { body } = JSON.parse(Buffer.from(payload).toString()) as { readonly body: string };
    return (JSON.parse(body) as { readonly id: string }).id;
  });
  expect(outcomes.toSorted()).toEqual(['first', 'second', 'third']);
  for (const claimed of [...calls, ...deliveries]) {
    expect(await store.succeed(leaseOf(claimed), laterMs)).toBe(true);
  }
  expect((await store.list({ limit: 100, states: ['queued'] })).map(({ kind }) => kind)).toEqual([
    'delivery',
  ]);
});

test('the invocations that a process of format 3 adds to a migrated file are run like the others', async () => {
  await layOutFormat3();
  const store = await rig.open();
  const db = new DatabaseSync(rig.file);
  const seq = Number(db.prepare('SELECT max(seq) AS seq FROM invocations').get()?.['seq'] ?? 0);
  db.prepare(
    `INSERT INTO invocations (seq, id, function_name, state, accepted_at_ms, attempt, retry, available_at_ms)
     SELECT ?, 'late', function_name, 'queued', accepted_at_ms, 0, retry, accepted_at_ms FROM invocations WHERE function_name = 'send:destination' LIMIT 1`,
  ).run(seq + 100);
  db.prepare('INSERT INTO payloads VALUES (?, ?)').run(seq + 100, Buffer.from('{}'));
  db.close();
  const claimed = await store.claim({
    owner: 'one',
    free: { 'send:destination': 10 },
    limit: 10,
    nowMs: t0 + 5,
    leaseMs,
  });
  expect(claimed.map(({ invocation }) => invocation.id)).toContain('late');
});
