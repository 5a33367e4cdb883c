import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { DispatcherEvent } from '../../../src/runtime/dispatch/dispatcher-event.ts';
import { createDispatcher } from '../../../src/runtime/dispatch/dispatcher.ts';
import { describeOwner, isDeadOwner } from '../../../src/runtime/dispatch/owner.ts';
import { systemClock } from '../../../src/runtime/platform/clock.ts';
import { openSqliteStore } from '../../../src/runtime/queue/sqlite/open-sqlite-store.ts';

test('the runs of a runtime that was killed with -9 are rescued at once by the next one', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-crash-'));
  const file = path.join(directory, 'queue.db');
  const store = await openSqliteStore({ file });
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, '../programs/run-forever.ts'), file],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };
    const ids = ['a', 'b', 'c'];
    await store.accept(
      ids.map((id) => ({
        kind: 'call' as const,
        id,
        functionName: 'send',
        payload: Buffer.from('{}'),
        retry,
      })),
      Date.now(),
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const running = [await lines.next(), await lines.next(), await lines.next()].map(({ value }) =>
      String(value),
    );
    expect(running.toSorted()).toEqual(ids);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const rescued: Extract<DispatcherEvent, { kind: 'rescued' }>[] = [];
    const owner = describeOwner(Date.now());
    const startedAtMs = Date.now();
    const dispatcher = createDispatcher({
      store,
      owner,
      clock: systemClock,
      concurrency: 1,
      perFunctionConcurrency: 1,
      functions: () => new Map(),
      run: () => Promise.reject(new Error('nothing is due')),
      logs: { forRun: () => () => undefined },
      onEvent: (event) => {
        if (event.kind === 'rescued') rescued.push(event);
      },
    });
    await dispatcher.start();
    expect(rescued.map(({ invocation }) => invocation.id).toSorted()).toEqual(ids);
    for (const { invocation } of rescued) {
      expect(invocation).toMatchObject({
        state: 'queued',
        attempt: 1,
        lastError: { reason: 'lost' },
      });
      expect('availableAtMs' in invocation && invocation.availableAtMs).toBeGreaterThanOrEqual(
        startedAtMs + 60_000,
      );
    }
    expect((await store.owners()).map(({ id }) => id)).toEqual([owner.id]);
    await dispatcher.drain(0);
  } finally {
    child.kill('SIGKILL');
    await store.close();
    await rm(directory, { recursive: true });
  }
});

test('an owner counts as dead only when that is certain', () => {
  const me = describeOwner(0);
  expect(isDeadOwner(me)).toBe(false);
  expect(isDeadOwner({ ...me, processStart: 'another time' })).toBe(true);
  expect(isDeadOwner({ ...me, pid: 2 ** 22 + 1 })).toBe(true);
  expect(isDeadOwner({ ...me, pid: 2 ** 22 + 1, place: 'another machine' })).toBe(false);
  expect(isDeadOwner({ ...me, processStart: 'unknown' })).toBe(false);
});
