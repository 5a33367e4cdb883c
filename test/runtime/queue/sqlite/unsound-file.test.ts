import { open as openFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { BgfnError } from '../../../../src/diagnostic/bgfn-error.ts';
import { openSqliteStore } from '../../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { StoreUnavailableError } from '../../../../src/runtime/queue/store.ts';
import { call, t0 } from '../suite/store-rig.ts';
import { queueFileRig } from './support/queue-file-rig.ts';

const rig = queueFileRig();

/** Creates a store with invocations and closes it. */
async function filled(): Promise<void> {
  const store = await openSqliteStore({ file: rig.file });
  await store.accept(
    Array.from({ length: 200 }, (_, index) => call(`i${index}`)),
    t0,
  );
  await store.close();
}

async function openError(): Promise<BgfnError> {
  const error: unknown = await openSqliteStore({ file: rig.file }).then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BgfnError);
  return error as BgfnError;
}

describe('a damaged file', () => {
  /** Each entry damages a good file and returns the text that the message must contain. */
  const damages: Record<string, () => Promise<void>> = {
    'its head is overwritten': () =>
      writeFile(
        rig.file,
        'this is no database, but it is long enough to be taken for one'.repeat(100),
      ),
    'a page in the middle is overwritten': async () => {
      const bytes = await readFile(rig.file);
      bytes.fill(0xa5, 4096, 4096 * 6);
      await writeFile(rig.file, bytes);
    },
    'it was cut short': async () => truncate(rig.file, 4096 * 3),
    'it was emptied': () => truncate(rig.file, 0),
  };

  test.each(Object.keys(damages))('is refused and left untouched when %s', async (name) => {
    await filled();
    await damages[name]!();
    const before = await readFile(rig.file);
    const error = await openError();
    expect(error.code).toBe('STORE_CORRUPT');
    expect(error.message).toContain(rig.file);
    expect(error.hint).toContain('left as it is');
    expect((await readFile(rig.file)).equals(before)).toBe(true);
  });

  test('is refused when the file is missing but its write-ahead log exists', async () => {
    await writeFile(`${rig.file}-wal`, 'frames');
    expect((await openError()).message).toContain('write-ahead log');
    expect(await readFile(`${rig.file}-wal`, 'utf8')).toBe('frames');
  });

  test('is refused when another program created it', async () => {
    const db = new DatabaseSync(rig.file);
    db.exec('CREATE TABLE theirs (x)');
    db.close();
    expect((await openError()).code).toBe('STORE_FOREIGN');
  });

  test('is refused when a newer bgfn wrote it', async () => {
    await filled();
    const db = new DatabaseSync(rig.file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const error = await openError();
    expect(error.code).toBe('STORE_NEWER');
    expect(error.message).toContain('99');
  });

  test('refuses accepts and names the file when the damage shows only later', async () => {
    const store = await openSqliteStore({ file: rig.file });
    // The file is too large for a full check at each start.
    await store.accept(
      Array.from({ length: 140 }, (_, index) =>
        call(`i${index}`, 'send', { payload: new Uint8Array(256 * 1024) }),
      ),
      t0,
    );
    await store.close();
    const db = new DatabaseSync(rig.file);
    const rootPage = Number(
      db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'invocations'`).get()?.[
        'rootpage'
      ],
    );
    db.close();
    const handle = await openFile(rig.file, 'r+');
    await handle.write(Buffer.alloc(4096, 0xa5), 0, 4096, (rootPage - 1) * 4096);
    await handle.close();
    const refusal: unknown = await (
      await rig.open()
    )
      .accept([call('x')], t0)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailableError);
    expect((refusal as Error).message).toContain(`${rig.file} is damaged`);
  });
});
