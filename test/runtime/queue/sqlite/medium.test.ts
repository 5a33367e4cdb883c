import { execFile, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { StoreUnavailableError } from '../../../../src/runtime/queue/store.ts';
import { call, t0 } from '../suite/store-rig.ts';
import { queueFileRig } from './support/queue-file-rig.ts';

const exec = promisify(execFile);
const rig = queueFileRig();

describe('a medium that fails', () => {
  test('a full store refuses accepts, keeps its invocations, and accepts again when there is room', async () => {
    const store = await rig.open({ maxPages: 140 });
    await store.accept(
      Array.from({ length: 20 }, (_, index) =>
        call(`done${index}`, 'send', { payload: new Uint8Array(4000) }),
      ),
      t0,
    );
    for (const { invocation } of await store.claim({
      owner: 'one',
      free: { send: 20 },
      limit: 20,
      nowMs: t0,
      leaseMs: 1000,
    })) {
      await store.succeed({ id: invocation.id, token: invocation.lease.token }, t0);
    }
    const accepted: string[] = [];
    const refusal = await (async () => {
      for (let index = 0; index < 10_000; index += 1) {
        try {
          await store.accept([call(`i${index}`, 'send', { payload: new Uint8Array(4000) })], t0);
          accepted.push(`i${index}`);
        } catch (error) {
          return error;
        }
      }
      return undefined;
    })();
    expect(refusal).toBeInstanceOf(StoreUnavailableError);
    expect((refusal as Error).message).toContain('full');
    expect((await store.list({ limit: 10_000, states: ['queued'] })).map(({ id }) => id)).toEqual(
      accepted.toReversed(),
    );
    expect(await store.purge({ finishedBeforeMs: t0 + 1 })).toBe(20);
    expect(await store.accept([call('again')], t0)).toEqual([{ id: 'again', duplicate: false }]);
  });

  test('a full disk refuses accepts, and the store recovers when there is room again', async (context) => {
    const mount = path.join(rig.directory, 'small');
    await mkdir(mount);
    try {
      await exec('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
    } catch {
      context.skip('mounting a small file system needs root on Linux');
    }
    try {
      const store = await openSqliteStore({ file: path.join(mount, 'queue.db') });
      await store.accept([call('before')], t0);
      await writeFile(path.join(mount, 'ballast'), Buffer.alloc(1024 * 1024)).catch(
        () => undefined,
      );
      await expect(
        store.accept([call('during', 'send', { payload: new Uint8Array(200_000) })], t0),
      ).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(await store.get('during')).toBeUndefined();
      await rm(path.join(mount, 'ballast'));
      expect(
        await store.accept([call('after', 'send', { payload: new Uint8Array(200_000) })], t0),
      ).toEqual([{ id: 'after', duplicate: false }]);
      expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['after', 'before']);
      await store.close();
    } finally {
      await exec('umount', [mount]);
    }
  });

  test('on a file system that turns read-only accepts are refused, and all accepted calls are there after a remount', async (context) => {
    const image = path.join(rig.directory, 'image');
    const mount = path.join(rig.directory, 'mounted');
    const store = path.join(mount, 'queue.db');
    await mkdir(mount);
    await writeFile(image, Buffer.alloc(16 * 1024 * 1024));
    const device = await (async () => {
      try {
        await exec('mkfs.ext4', ['-q', image]);
        await exec('mount', ['-o', 'loop,errors=remount-ro', image, mount]);
        return path.basename((await exec('findmnt', ['-no', 'SOURCE', mount])).stdout.trim());
      } catch {
        return context.skip(
          'making and mounting an ext4 file system needs root and loop devices on Linux',
        );
      }
    })();
    const flood = Array.from({ length: 20 }, (_, index) => call(`before${index}`));
    try {
      const before = await openSqliteStore({ file: store });
      await before.accept(flood, t0);
      // As after a disk failure: the file system turns read-only under the open files.
      await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, 'x');
      await expect(before.accept([call('during')], t0)).rejects.toBeInstanceOf(
        StoreUnavailableError,
      );
      await expect(before.probe()).rejects.toBeInstanceOf(StoreUnavailableError);
      await before.close();
      await exec('umount', [mount]);
      await exec('mount', ['-o', 'loop', image, mount]);
      const after = await openSqliteStore({ file: store });
      expect((await after.list({ limit: 100 })).map(({ id }) => id)).toEqual(
        flood.map(({ id }) => id).toReversed(),
      );
      expect(await after.accept([call('after')], t0)).toEqual([{ id: 'after', duplicate: false }]);
      await after.close();
    } finally {
      await exec('umount', [mount]);
    }
  });

  test('a directory that cannot be written is refused with its name', async (context) => {
    const closed = path.join(rig.directory, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o555);
    await chmod(rig.directory, 0o755);
    const isRoot = process.getuid?.() === 0;
    const target = path.join(closed, 'queue.db');
    // Root may write anywhere, so as root the program is run as "nobody", who must be able to read
    // the sources.
    const child = rig.killAtEnd(
      spawn(process.execPath, [path.join(import.meta.dirname, 'programs/open-store.ts'), target], {
        stdio: ['ignore', 'pipe', 'ignore'],
        ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
      }),
    );
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) lines.push(line);
    if (isRoot && lines.length === 0) {
      context.skip('the sources are not readable for another user');
    }
    expect(lines.join('\n')).toMatch(/^STORE_UNAVAILABLE: /);
    expect(lines.join('\n')).toContain(target);
  });

  test('a store whose file is moved away refuses accepts until it is back', async () => {
    const store = await rig.open();
    await rename(rig.file, `${rig.file}.away`);
    await expect(store.accept([call('a')], t0)).rejects.toThrow('removed while in use');
    await writeFile(rig.file, '');
    await expect(store.accept([call('a')], t0)).rejects.toThrow('replaced while in use');
    await rename(`${rig.file}.away`, rig.file);
    expect(await store.accept([call('a')], t0)).toEqual([{ id: 'a', duplicate: false }]);
  });

  test.each(['-wal', '-shm'])(
    'a store whose %s is moved away refuses accepts until it is back',
    async (suffix) => {
      const store = await rig.open();
      await rename(rig.file + suffix, `${rig.file}.away`);
      await expect(store.accept([call('a')], t0)).rejects.toThrow(
        `${rig.file}${suffix} was removed while in use`,
      );
      await expect(store.probe()).rejects.toBeInstanceOf(StoreUnavailableError);
      await writeFile(rig.file + suffix, '');
      await expect(store.accept([call('a')], t0)).rejects.toThrow('replaced while in use');
      await rename(`${rig.file}.away`, rig.file + suffix);
      expect(await store.accept([call('a')], t0)).toEqual([{ id: 'a', duplicate: false }]);
    },
  );

  test('a store whose write-ahead log is deleted saves the accepted calls, and has them after a restart', async () => {
    const store = await rig.open({ idleAfterMs: 3_600_000 });
    await store.accept([call('before')], t0);
    await rm(`${rig.file}-wal`);
    await expect(store.accept([call('after')], t0)).rejects.toBeInstanceOf(StoreUnavailableError);
    // The state after a kill -9.
    const left = path.join(rig.directory, 'left.db');
    await copyFile(rig.file, left);
    expect(
      (await (await rig.open({ file: left })).list({ limit: 10 })).map(({ id }) => id),
    ).toEqual(['before']);
    await store.close();
    expect((await (await rig.open()).list({ limit: 10 })).map(({ id }) => id)).toEqual(['before']);
  });

  test('the files and a directory created for them are accessible to their owner only', async () => {
    const made = path.join(rig.directory, 'made');
    const store = await openSqliteStore({ file: path.join(made, 'queue.db') });
    await store.accept([call('a')], t0);
    const modes = await Promise.all(
      ['.', 'queue.db', 'queue.db-wal', 'queue.db-shm'].map(
        async (name) => (await stat(path.join(made, name))).mode & 0o777,
      ),
    );
    await store.close();
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  test('a closed store rejects calls and says that it is closed', async () => {
    const store = await openSqliteStore({ file: rig.file });
    await store.close();
    await store.close();
    await expect(store.accept([call('a')], t0)).rejects.toBeInstanceOf(StoreUnavailableError);
  });

  test('one bad call in a group does not fail the others', async () => {
    const store = await rig.open();
    const results = await Promise.allSettled([
      store.accept([call('good')], t0),
      store.accept([call('bad', 'send', { payload: undefined as unknown as Uint8Array })], t0),
      store.accept([call('fine')], t0),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['fine', 'good']);
  });
});
