import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../../../src/runtime/queue/store.ts';
import { call, t0 } from '../suite/store-rig.ts';
import { queueFileRig } from './support/queue-file-rig.ts';

const exec = promisify(execFile);
const rig = queueFileRig();

function program(name: string, args: readonly string[]) {
  const child = rig.killAtEnd(
    spawn(process.execPath, [path.join(import.meta.dirname, 'programs', name), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

describe('several processes', () => {
  test('accepted calls survive a kill -9 at the moment of the answer', async () => {
    const { child } = program('accept-then-die.ts', [rig.file]);
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(await (await rig.open()).list({ limit: 100 })).toHaveLength(50);
  });

  test('two processes that claim at the same time never get the same invocation', async () => {
    const store = await rig.open();
    const ids = Array.from({ length: 300 }, (_, index) => `i${index}`);
    await store.accept(
      ids.map((id) => call(id)),
      t0,
    );
    const programs = [
      program('claim-until-empty.ts', [rig.file]),
      program('claim-until-empty.ts', [rig.file]),
    ];
    for (const { lines } of programs) expect((await lines.next()).value).toBe('ready');
    for (const { child } of programs) child.stdin?.write('go\n');
    const claimed = await Promise.all(
      programs.map(async ({ lines }) => JSON.parse(String((await lines.next()).value)) as string[]),
    );
    expect(claimed.flat().toSorted()).toEqual(ids.toSorted());
    expect(await store.list({ limit: 300, states: ['succeeded'] })).toHaveLength(300);
  });

  test('a lock that another process holds for long makes the store unavailable until its release', async () => {
    const store = await rig.open({ busyTimeoutMs: 50 });
    const { child, lines } = program('hold-lock.ts', [rig.file]);
    expect((await lines.next()).value).toBe('locked');
    await expect(store.accept([call('a')], t0)).rejects.toThrow(StoreUnavailableError);
    expect(await store.list({ limit: 10 })).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await store.accept([call('a')], t0)).toEqual([{ id: 'a', duplicate: false }]);
  });

  test('a new store that is opened several times at once is created once and shared', async () => {
    const opened = await Promise.all([rig.open(), rig.open(), rig.open()]);
    await Promise.all(opened.map((store, index) => store.accept([call(`i${index}`)], t0)));
    expect(await opened[0].list({ limit: 10 })).toHaveLength(3);
  });
});

test('no warning about SQLite reaches the terminal', async () => {
  const { stderr, stdout } = await exec(process.execPath, [
    path.join(import.meta.dirname, 'programs/open-store.ts'),
    rig.file,
  ]);
  expect(stdout).toBe('opened\n');
  expect(stderr).not.toContain('SQLite');
});
