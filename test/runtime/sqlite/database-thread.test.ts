import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  startDatabaseThread,
  type DatabaseThread,
} from '../../../src/runtime/sqlite/database-thread.ts';
import { MediumUnavailableError } from '../../../src/runtime/sqlite/thread-protocol.ts';

let directory: string;
let thread: DatabaseThread;
let nowMs: number;

beforeEach(async () => {
  nowMs = 10_000;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  directory = await mkdtemp(path.join(tmpdir(), 'bgfn-thread-'));
  thread = await startDatabaseThread(
    pathToFileURL(path.join(import.meta.dirname, 'programs', 'beside.ts')).href,
    'mortal',
    path.join(directory, 'bar'),
  );
});

afterEach(async () => {
  await thread.close();
  await rm(directory, { recursive: true });
  vi.restoreAllMocks();
});

describe('a database thread that dies', () => {
  test('fails its pending calls, and the next call after a second starts another thread', async () => {
    const first = await thread.call('where', []);
    const asked = [thread.call('die', []), thread.call('where', [])];
    for (const call of asked) await expect(call).rejects.toBeInstanceOf(MediumUnavailableError);
    await expect(thread.call('where', [])).rejects.toBeInstanceOf(MediumUnavailableError);
    nowMs += 1000;
    const [second, alike] = await Promise.all([thread.call('where', []), thread.call('where', [])]);
    expect(second).not.toBe(first);
    expect(alike).toBe(second);
  });

  test('and cannot be started again reports the reason, and is started later', async () => {
    await expect(thread.call('die', [])).rejects.toBeInstanceOf(MediumUnavailableError);
    await writeFile(path.join(directory, 'bar'), '');
    nowMs += 1000;
    await expect(thread.call('where', [])).rejects.toThrow('it is barred');
    await rm(path.join(directory, 'bar'));
    await expect(thread.call('where', [])).rejects.toBeInstanceOf(MediumUnavailableError);
    nowMs += 1000;
    await expect(thread.call('where', [])).resolves.toBeTypeOf('number');
  });
});

test('a call that cannot be cloned fails alone, and the transferred buffers of other calls arrive', async () => {
  const buffer = new ArrayBuffer(8);
  const [bad, good, handedOver] = await Promise.allSettled([
    thread.call('where', [() => 'a function']),
    thread.call('where', []),
    thread.call('where', [buffer], [buffer]),
  ]);
  expect(bad).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringContaining('could not be cloned') },
  });
  expect(good).toMatchObject({ status: 'fulfilled' });
  expect(handedOver).toMatchObject({ status: 'fulfilled' });
  expect(buffer.detached).toBe(true);
});

test('a closed thread is not started again', async () => {
  await thread.close();
  nowMs += 5000;
  await expect(thread.call('where', [])).rejects.toThrow('closed');
});
