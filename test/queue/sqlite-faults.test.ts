import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, open as openFile, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BgfnError } from '../../src/diagnostic/bgfn-error.ts';
import { queueFormat } from '../../src/queue/sqlite/format.ts';
import { openSqliteStore } from '../../src/queue/sqlite/open-sqlite-store.ts';
import { StoreUnavailableError } from '../../src/queue/store.ts';
import type { Store } from '../../src/queue/store.ts';
import { call } from '../suites/store/store-rig.ts';

const exec = promisify(execFile);
const t0 = 1_700_000_000_000;

let directory: string;
let file: string;
const children: ChildProcess[] = [];
const stores: Store[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'bgfn-faults-'));
  file = path.join(directory, 'queue.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await rm(directory, { recursive: true });
});

async function open(options: { maxPages?: number; busyTimeoutMs?: number; idleAfterMs?: number; file?: string } = {}): Promise<Store> {
  const store = await openSqliteStore({ file, ...options });
  stores.push(store);
  return store;
}

function program(name: string, args: readonly string[]) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'programs', name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** A store with one invocation in it, closed. */
async function filled(): Promise<void> {
  const store = await openSqliteStore({ file });
  await store.accept(Array.from({ length: 200 }, (_, index) => call(`i${index}`)), t0);
  await store.close();
}

async function openError(): Promise<BgfnError> {
  const error: unknown = await openSqliteStore({ file }).then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BgfnError);
  return error as BgfnError;
}

describe('several processes', () => {
  test('what was accepted is there after a kill -9 in the moment of the answer', async () => {
    const { child } = program('accept-then-die.ts', [file]);
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(await (await open()).list({ limit: 100 })).toHaveLength(50);
  });

  test('two processes that claim at the same time never get the same invocation', async () => {
    const store = await open();
    const ids = Array.from({ length: 300 }, (_, index) => `i${index}`);
    await store.accept(ids.map((id) => call(id)), t0);
    const programs = [program('claim-until-empty.ts', [file]), program('claim-until-empty.ts', [file])];
    for (const { lines } of programs) expect((await lines.next()).value).toBe('ready');
    for (const { child } of programs) child.stdin?.write('go\n');
    const claimed = await Promise.all(programs.map(async ({ lines }) => JSON.parse(String((await lines.next()).value)) as string[]));
    expect(claimed.flat().toSorted()).toEqual(ids.toSorted());
    expect(await store.list({ limit: 300, states: ['succeeded'] })).toHaveLength(300);
  });

  test('a lock that another process holds for long makes the store unavailable until it lets go', async () => {
    const store = await open({ busyTimeoutMs: 50 });
    const { child, lines } = program('hold-lock.ts', [file]);
    expect((await lines.next()).value).toBe('locked');
    await expect(store.accept([call('a')], t0)).rejects.toThrow(StoreUnavailableError);
    expect(await store.list({ limit: 10 })).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await store.accept([call('a')], t0)).toEqual([{ id: 'a', duplicate: false }]);
  });

  test('processes that make a new store at the same time share one', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    await Promise.all(opened.map((store, index) => store.accept([call(`i${index}`)], t0)));
    expect(await opened[0].list({ limit: 10 })).toHaveLength(3);
  });
});

describe('a file that is not sound', () => {
  /** Each makes a good file bad and says what the message must name. */
  const damages: Record<string, () => Promise<void>> = {
    'its head is overwritten': () => writeFile(file, 'this is no database, but it is long enough to be taken for one'.repeat(100)),
    'a page in the middle is overwritten': async () => {
      const bytes = await readFile(file);
      bytes.fill(0xa5, 4096, 4096 * 6);
      await writeFile(file, bytes);
    },
    'it was cut short': async () => truncate(file, 4096 * 3),
    'it was emptied': () => truncate(file, 0),
  };

  test.each(Object.keys(damages))('is refused and left untouched when %s', async (name) => {
    await filled();
    await damages[name]!();
    const before = await readFile(file);
    const error = await openError();
    expect(error.code).toBe('STORE_CORRUPT');
    expect(error.message).toContain(file);
    expect(error.hint).toContain('left as it is');
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test('is refused when it is gone but its write-ahead log is there', async () => {
    await writeFile(`${file}-wal`, 'frames');
    expect((await openError()).message).toContain('write-ahead log');
    expect(await readFile(`${file}-wal`, 'utf8')).toBe('frames');
  });

  test('is refused when another program made it', async () => {
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE theirs (x)');
    db.close();
    expect((await openError()).code).toBe('STORE_FOREIGN');
  });

  test('is refused when a newer bgfn made it', async () => {
    await filled();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const error = await openError();
    expect(error.code).toBe('STORE_NEWER');
    expect(error.message).toContain('99');
  });

  test.each([1, 2])('written in format %i is brought to the newest with all that was queued, and its calls run', async (version) => {
    const db = new DatabaseSync(file);
    for (const migration of queueFormat.migrations.slice(0, version)) db.exec(migration);
    db.exec(`PRAGMA application_id = ${queueFormat.applicationId}; PRAGMA user_version = ${version}`);
    db.prepare(
      `INSERT INTO invocations (seq, id, function_name, state, accepted_at_ms, attempt, retry, available_at_ms) VALUES (1, 'old', 'send', 'queued', ?, 0, ?, ?)`,
    ).run(t0, JSON.stringify({ maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 }), t0);
    db.prepare('INSERT INTO payloads VALUES (1, ?)').run(Buffer.from('{"headers":{}}'));
    db.close();
    const store = await open();
    await store.accept(Array.from({ length: 20 }, (_, index) => call(`new${index}`)), t0);
    const claimed = await store.claim({ owner: 'one', free: { send: 30 }, limit: 30, nowMs: t0, leaseMs: 1000 });
    expect(claimed).toHaveLength(21);
    expect(Buffer.from(claimed[0]?.payload ?? []).toString()).toBe('{"headers":{}}');
    expect(await store.stats(t0)).toEqual([{ functionName: 'send', counts: { queued: 0, running: 21, succeeded: 0, failed: 0, cancelled: 0 } }]);
  });

  test('damage that shows only later refuses accepts and names the file', async () => {
    const store = await openSqliteStore({ file });
    // Too large for a full check at each start.
    await store.accept(Array.from({ length: 140 }, (_, index) => call(`i${index}`, 'send', { payload: new Uint8Array(256 * 1024) })), t0);
    await store.close();
    const db = new DatabaseSync(file);
    const rootPage = Number(db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'invocations'`).get()?.['rootpage']);
    db.close();
    const handle = await openFile(file, 'r+');
    await handle.write(Buffer.alloc(4096, 0xa5), 0, 4096, (rootPage - 1) * 4096);
    await handle.close();
    const refusal: unknown = await (await open()).accept([call('x')], t0).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailableError);
    expect((refusal as Error).message).toContain(`${file} is damaged`);
  });
});

describe('a medium that fails', () => {
  test('a full store refuses accepts, keeps what it has, and takes new ones when there is room again', async () => {
    const store = await open({ maxPages: 140 });
    await store.accept(Array.from({ length: 20 }, (_, index) => call(`done${index}`, 'send', { payload: new Uint8Array(4000) })), t0);
    for (const { invocation } of await store.claim({ owner: 'one', free: { send: 20 }, limit: 20, nowMs: t0, leaseMs: 1000 })) {
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
    expect((await store.list({ limit: 10_000, states: ['queued'] })).map(({ id }) => id)).toEqual(accepted.toReversed());
    expect(await store.purge({ finishedBeforeMs: t0 + 1 })).toBe(20);
    expect(await store.accept([call('again')], t0)).toEqual([{ id: 'again', duplicate: false }]);
  });

  test('a full disk refuses accepts, and the store recovers when there is room again', async (context) => {
    const mount = path.join(directory, 'small');
    await mkdir(mount);
    try {
      await exec('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
    } catch {
      context.skip('mounting a small file system needs root on Linux');
    }
    try {
      const store = await openSqliteStore({ file: path.join(mount, 'queue.db') });
      await store.accept([call('before')], t0);
      await writeFile(path.join(mount, 'ballast'), Buffer.alloc(1024 * 1024)).catch(() => undefined);
      await expect(store.accept([call('during', 'send', { payload: new Uint8Array(200_000) })], t0)).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(await store.get('during')).toBeUndefined();
      await rm(path.join(mount, 'ballast'));
      expect(await store.accept([call('after', 'send', { payload: new Uint8Array(200_000) })], t0)).toEqual([{ id: 'after', duplicate: false }]);
      expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['after', 'before']);
      await store.close();
    } finally {
      await exec('umount', [mount]);
    }
  });

  test('a file system that turns read-only refuses accepts, and has all that was accepted when it is mounted again', async (context) => {
    const image = path.join(directory, 'image');
    const mount = path.join(directory, 'mounted');
    const store = path.join(mount, 'queue.db');
    await mkdir(mount);
    await writeFile(image, Buffer.alloc(16 * 1024 * 1024));
    const device = await (async () => {
      try {
        await exec('mkfs.ext4', ['-q', image]);
        await exec('mount', ['-o', 'loop,errors=remount-ro', image, mount]);
        return path.basename((await exec('findmnt', ['-no', 'SOURCE', mount])).stdout.trim());
      } catch {
        return context.skip('making and mounting an ext4 file system needs root and loop devices on Linux');
      }
    })();
    const flood = Array.from({ length: 20 }, (_, index) => call(`before${index}`));
    try {
      const before = await openSqliteStore({ file: store });
      await before.accept(flood, t0);
      // What a disk that fails does: the file system goes read-only under the open files.
      await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, 'x');
      await expect(before.accept([call('during')], t0)).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(before.probe()).rejects.toBeInstanceOf(StoreUnavailableError);
      await before.close();
      await exec('umount', [mount]);
      await exec('mount', ['-o', 'loop', image, mount]);
      const after = await openSqliteStore({ file: store });
      expect((await after.list({ limit: 100 })).map(({ id }) => id)).toEqual(flood.map(({ id }) => id).toReversed());
      expect(await after.accept([call('after')], t0)).toEqual([{ id: 'after', duplicate: false }]);
      await after.close();
    } finally {
      await exec('umount', [mount]);
    }
  });

  test('a directory that cannot be written is refused with its name', async (context) => {
    const closed = path.join(directory, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o555);
    await chmod(directory, 0o755);
    const isRoot = process.getuid?.() === 0;
    const target = path.join(closed, 'queue.db');
    // Root may write anywhere: then the program runs as "nobody", which needs the sources to be readable for it.
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'programs/open-store.ts'), target], {
      stdio: ['ignore', 'pipe', 'ignore'],
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    });
    children.push(child);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) lines.push(line);
    if (isRoot && lines.length === 0) {
      context.skip('the sources are not readable for another user');
    }
    expect(lines.join('\n')).toMatch(/^STORE_UNAVAILABLE: /);
    expect(lines.join('\n')).toContain(target);
  });

  test('a store whose file is moved away refuses accepts until it is back', async () => {
    const store = await open();
    await rename(file, `${file}.away`);
    await expect(store.accept([call('a')], t0)).rejects.toThrow('removed while in use');
    await writeFile(file, '');
    await expect(store.accept([call('a')], t0)).rejects.toThrow('replaced while in use');
    await rename(`${file}.away`, file);
    expect(await store.accept([call('a')], t0)).toEqual([{ id: 'a', duplicate: false }]);
  });

  test.each(['-wal', '-shm'])('a store whose %s is moved away refuses accepts until it is back', async (suffix) => {
    const store = await open();
    await rename(file + suffix, `${file}.away`);
    await expect(store.accept([call('a')], t0)).rejects.toThrow(`${file}${suffix} was removed while in use`);
    await expect(store.probe()).rejects.toBeInstanceOf(StoreUnavailableError);
    await writeFile(file + suffix, '');
    await expect(store.accept([call('a')], t0)).rejects.toThrow('replaced while in use');
    await rename(`${file}.away`, file + suffix);
    expect(await store.accept([call('a')], t0)).toEqual([{ id: 'a', duplicate: false }]);
  });

  test('a store whose write-ahead log is deleted saves what it had accepted, and has it when it is opened again', async () => {
    const store = await open({ idleAfterMs: 3_600_000 });
    await store.accept([call('before')], t0);
    await rm(`${file}-wal`);
    await expect(store.accept([call('after')], t0)).rejects.toBeInstanceOf(StoreUnavailableError);
    // As a kill -9 would leave it.
    const left = path.join(directory, 'left.db');
    await copyFile(file, left);
    expect((await (await open({ file: left })).list({ limit: 10 })).map(({ id }) => id)).toEqual(['before']);
    await store.close();
    expect((await (await open()).list({ limit: 10 })).map(({ id }) => id)).toEqual(['before']);
  });

  test('its files and a directory made for them are for their owner only', async () => {
    const made = path.join(directory, 'made');
    const store = await openSqliteStore({ file: path.join(made, 'queue.db') });
    await store.accept([call('a')], t0);
    const modes = await Promise.all(['.', 'queue.db', 'queue.db-wal', 'queue.db-shm'].map(async (name) => (await stat(path.join(made, name))).mode & 0o777));
    await store.close();
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  test('a closed store says so', async () => {
    const store = await openSqliteStore({ file });
    await store.close();
    await store.close();
    await expect(store.accept([call('a')], t0)).rejects.toBeInstanceOf(StoreUnavailableError);
  });

  test('one bad call in a group does not fail the others', async () => {
    const store = await open();
    const results = await Promise.allSettled([
      store.accept([call('good')], t0),
      store.accept([call('bad', 'send', { payload: undefined as unknown as Uint8Array })], t0),
      store.accept([call('fine')], t0),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['fine', 'good']);
  });
});

test('no warning about SQLite reaches the terminal', async () => {
  const { stderr, stdout } = await exec(process.execPath, [path.join(import.meta.dirname, 'programs/open-store.ts'), file]);
  expect(stdout).toBe('opened\n');
  expect(stderr).not.toContain('SQLite');
});
