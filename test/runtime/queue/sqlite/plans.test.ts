import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { QueueChanges } from '../../../../src/runtime/queue/sqlite/changes.ts';
import { QueueClaims } from '../../../../src/runtime/queue/sqlite/claims.ts';
import { queueFormat } from '../../../../src/runtime/queue/sqlite/format.ts';
import { Inbox } from '../../../../src/runtime/queue/sqlite/inbox.ts';
import { QueueInserts } from '../../../../src/runtime/queue/sqlite/inserts.ts';
import { QueueOwners } from '../../../../src/runtime/queue/sqlite/owners.ts';
import { QueueReads } from '../../../../src/runtime/queue/sqlite/reads.ts';

test('no statement scans all invocations', () => {
  const db = new DatabaseSync(':memory:');
  for (const migration of queueFormat.migrations) db.exec(migration);
  const prepared: string[] = [];
  const recording = new Proxy(db, {
    get: (target, name) => {
      if (name !== 'prepare') return Reflect.get(target, name) as unknown;
      return (sql: string) => {
        prepared.push(sql);
        return target.prepare(sql);
      };
    },
  });
  const inbox: unknown = Reflect.construct(Inbox, [recording]);
  const inserts: unknown = Reflect.construct(QueueInserts, [recording, inbox]);
  Reflect.construct(QueueClaims, [recording, inbox, inserts]);
  Reflect.construct(QueueChanges, [recording, inserts]);
  Reflect.construct(QueueOwners, [recording]);
  Reflect.construct(QueueReads, [recording, inbox]);
  expect(prepared.length).toBeGreaterThan(25);
  for (const sql of prepared) {
    const plan = db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
    // The index of leases contains only running invocations, at most as many as there are slots.
    const scans = plan.filter(
      (step) =>
        /^SCAN (i|invocations|payloads|attempts)\b/.test(step) &&
        !step.includes('invocations_leased'),
    );
    expect([sql, ...scans]).toEqual([sql]);
    expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toEqual([]);
  }
  db.close();
});
