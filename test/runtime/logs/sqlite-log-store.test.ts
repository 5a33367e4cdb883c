import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bufferLimits, LogBuffer, maxTextLength } from '../../../src/runtime/logs/log-buffer.ts';
import type { LogStore, NewLogLine } from '../../../src/runtime/logs/log-store.ts';
import { openLogStore } from '../../../src/runtime/logs/sqlite-log-store.ts';

let directory: string;
let file: string;
const stores: LogStore[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'bgfn-log-'));
  file = path.join(directory, 'deep', 'log.db');
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await rm(directory, { recursive: true });
});

function open(
  options: { onProblem?: (error: unknown) => void; maxPages?: number; file?: string } = {},
): LogStore {
  const store = openLogStore({ file, ...options });
  stores.push(store);
  return store;
}

function line(text: string, extra: Partial<NewLogLine> = {}): NewLogLine {
  return {
    atMs: 1000,
    functionName: 'send',
    invocationId: 'a',
    attempt: 1,
    stream: 'stdout',
    level: 'info',
    text,
    ...extra,
  };
}

const texts = async (store: LogStore, filter: Parameters<LogStore['read']>[0] = {}) =>
  (await store.read(filter)).map(({ text }) => text);

describe('a log store', () => {
  test('returns the lines that were appended, numbered from 1', async () => {
    const store = open();
    const between: NewLogLine = {
      atMs: 1001,
      functionName: 'send',
      stream: 'platform',
      level: 'warn',
      text: 'ä🙂\n',
    };
    store.append([line('first')]);
    store.append([between]);
    await store.flush();
    expect(await store.read({})).toEqual([
      { sequence: 1, ...line('first') },
      { sequence: 2, ...between },
    ]);
  });

  test('filters by function, invocation, level, time and sequence, and returns the last lines in order', async () => {
    const store = open();
    store.append([
      line('one', { atMs: 1, level: 'debug' }),
      line('two', { atMs: 2, functionName: 'mail', invocationId: 'b' }),
      line('three', { atMs: 3, level: 'warn' }),
      line('four', { atMs: 4, level: 'error' }),
    ]);
    await store.flush();
    expect(await texts(store, { functionName: 'mail' })).toEqual(['two']);
    expect(await texts(store, { invocationId: 'a' })).toEqual(['one', 'three', 'four']);
    expect(await texts(store, { minLevel: 'warn' })).toEqual(['three', 'four']);
    expect(await texts(store, { sinceMs: 2, untilMs: 3 })).toEqual(['two', 'three']);
    expect(await texts(store, { afterSequence: 2 })).toEqual(['three', 'four']);
    expect(await texts(store, { limit: 2 })).toEqual(['three', 'four']);
    expect(await texts(store, { functionName: 'send', minLevel: 'info', limit: 1 })).toEqual([
      'four',
    ]);
  });

  test('can be read by another process while it is written', async () => {
    const writer = open();
    writer.append([line('now')]);
    await writer.flush();
    expect(await texts(open())).toEqual(['now']);
  });

  test('writes the remaining lines when it is closed', async () => {
    const store = openLogStore({ file });
    store.append([line('last words')]);
    await store.close();
    expect(await texts(open())).toEqual(['last words']);
  });

  test('continues the sequence after lines were pruned', async () => {
    const store = open();
    store.append([line('old')]);
    await store.flush();
    expect(await store.prune({ maxLines: 0 })).toBe(1);
    store.append([line('new')]);
    await store.flush();
    expect((await store.read({})).map(({ sequence }) => sequence)).toEqual([2]);
  });

  test('prunes by age and by number, in more than one step', async () => {
    const store = open();
    store.append(Array.from({ length: 12_000 }, (_, index) => line(`${index}`, { atMs: index })));
    await store.flush();
    expect(await store.prune({ beforeMs: 11_000 })).toBe(11_000);
    expect(await store.prune({ maxLines: 10 })).toBe(990);
    expect(await texts(store)).toEqual(
      Array.from({ length: 10 }, (_, index) => `${11_990 + index}`),
    );
    expect(await store.prune({ beforeMs: 0, maxLines: 10 })).toBe(0);
  });

  test('drops and counts lines that it has no room for, and reports how many', async () => {
    const store = open();
    store.append(Array.from({ length: bufferLimits.lines + 500 }, (_, index) => line(`${index}`)));
    store.append([line('of another', { functionName: 'mail' })]);
    await store.flush();
    const all = await store.read({});
    expect(all).toHaveLength(bufferLimits.lines + 2);
    expect(all.at(-2)).toMatchObject({
      functionName: 'send',
      invocationId: 'a',
      stream: 'platform',
      level: 'warn',
      text: '500 lines were dropped: more was printed than could be kept.',
    });
    expect(all.at(-1)).toMatchObject({
      functionName: 'mail',
      text: '1 line was dropped: more was printed than could be kept.',
    });
  });

  test('renames a damaged file and creates a new one that reports this', async () => {
    file = path.join(directory, 'log.db');
    await writeFile(file, 'no database'.repeat(1000));
    const store = open();
    store.append([line('after')]);
    await store.flush();
    const [note, after] = await texts(store);
    expect(note).toContain('was damaged; it was moved to');
    expect(after).toBe('after');
    expect((await readdir(directory)).some((name) => name.startsWith('log.db.damaged-'))).toBe(
      true,
    );
  });

  test('reports once that it cannot open its file, and discards the lines that are appended', async () => {
    const problems: unknown[] = [];
    await writeFile(path.join(directory, 'deep'), 'a file where a directory should be');
    const store = open({ onProblem: (error) => problems.push(error) });
    store.append([line('lost')]);
    await expect(store.flush()).rejects.toThrow('deep');
    await expect(store.read({})).rejects.toThrow('deep');
    expect(problems).toHaveLength(1);
  });

  test('counts the lines that a full disk did not accept, and recovers', async () => {
    const problems: unknown[] = [];
    const store = open({ maxPages: 30, onProblem: (error) => problems.push(error) });
    const flood = Array.from({ length: 50 }, () => line('x'.repeat(4000)));
    store.append(flood);
    await expect(store.flush()).rejects.toThrow('full');
    expect(problems).toHaveLength(1);
    store.append([line('fits')]);
    await store.flush();
    expect(await texts(store)).toEqual([
      'fits',
      '50 lines were dropped: more was printed than could be kept.',
    ]);
  });
});

describe('the buffer of a log store', () => {
  test('cuts a line that is too long and says how much is missing', () => {
    const buffer = new LogBuffer();
    buffer.add(line('y'.repeat(maxTextLength + 7)));
    expect(buffer.take()[0]?.text).toBe(`${'y'.repeat(maxTextLength)}… (7 characters more)`);
  });

  test('holds a bounded number of characters until they are written', () => {
    const buffer = new LogBuffer();
    for (let index = 0; index < 1000; index += 1) buffer.add(line('z'.repeat(maxTextLength)));
    const held = buffer.take();
    expect(held.length).toBe(bufferLimits.characters / maxTextLength);
    buffer.add(line('still full'));
    expect(buffer.isEmpty).toBe(true);
    buffer.written(held);
    expect(buffer.take().map(({ text }) => text)).toEqual([
      `${1000 - held.length + 1} lines were dropped: more was printed than could be kept.`,
    ]);
  });
});
