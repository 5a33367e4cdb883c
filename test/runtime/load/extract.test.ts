import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { extractLimitsFor, extractZip } from '../../../src/runtime/load/extract.ts';
import { rawZip, type RawEntry } from '../support/raw-zip.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'bgfn-extract-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const target = (): string => path.join(root, 'deep', 'enough', 'hello-0123');
/** Returns all files below the directory that an entry could escape into. */
async function everything(): Promise<string[]> {
  return (await readdir(root, { recursive: true })).toSorted();
}

describe('extracting a zip', () => {
  test('writes files with their directories, and reduces modes to 0755 and 0644', async () => {
    await extractZip(
      rawZip([
        { name: 'hello.mjs', content: 'x'.repeat(1000), deflate: true, mode: 0o100666 },
        { name: 'bin/', mode: 0o040755 },
        { name: 'bin/run', content: '#!', mode: 0o106777 },
        { name: 'node_modules/a/b/c.json', content: '{}' },
        { name: 'made-on-dos.txt', content: 'd', madeBy: 0, mode: 0 },
      ]),
      'hello.zip',
      target(),
    );
    expect(await readFile(path.join(target(), 'hello.mjs'), 'utf8')).toBe('x'.repeat(1000));
    expect(await readFile(path.join(target(), 'node_modules/a/b/c.json'), 'utf8')).toBe('{}');
    expect((await stat(path.join(target(), 'hello.mjs'))).mode & 0o7777 & ~0o022).toBe(0o644);
    // setuid, setgid and "writable by all" are removed.
    expect((await stat(path.join(target(), 'bin/run'))).mode & 0o7777 & ~0o022).toBe(0o755);
    expect(await readdir(path.join(root, 'deep', 'enough'))).toEqual(['hello-0123']);
  });

  test('keeps a directory that was extracted before', async () => {
    await extractZip(rawZip([{ name: 'a.mjs', content: '1' }]), 'a.zip', target());
    await writeFile(path.join(target(), 'marker'), '');
    await extractZip(rawZip([{ name: 'a.mjs', content: '1' }]), 'a.zip', target());
    expect(await readdir(target())).toContain('marker');
  });

  test('reports where it cannot write', async () => {
    await writeFile(path.join(root, 'deep'), 'a file where a directory has to be');
    await expect(
      extractZip(rawZip([{ name: 'hello.mjs', content: 'x' }]), 'hello.zip', target()),
    ).rejects.toMatchObject({
      code: 'EXTRACT_FAILED',
      kind: 'config',
      message: expect.stringContaining('ENOTDIR'),
    });
  });

  test('may extract the same zip twice at the same time', async () => {
    const zip = rawZip([
      { name: 'a.mjs', content: '1' },
      { name: 'b/c.mjs', content: '2' },
    ]);
    await Promise.all([1, 2, 3, 4].map(() => extractZip(zip, 'a.zip', target())));
    expect(await everything()).toEqual([
      'deep',
      'deep/enough',
      'deep/enough/hello-0123',
      'deep/enough/hello-0123/a.mjs',
      'deep/enough/hello-0123/b',
      'deep/enough/hello-0123/b/c.mjs',
    ]);
  });

  const file: RawEntry = { name: 'ok.mjs', content: 'ok' };
  const hostile: readonly (readonly [string, readonly RawEntry[], string])[] = [
    ['climbs out', [file, { name: '../evil' }], 'ARTIFACT_CORRUPT'],
    ['climbs out in the middle', [file, { name: 'a/../../../evil' }], 'ARTIFACT_CORRUPT'],
    ['climbs out with backslashes', [file, { name: '..\\evil' }], 'ARTIFACT_CORRUPT'],
    ['is absolute', [file, { name: '/tmp/bgfn-evil' }], 'ARTIFACT_CORRUPT'],
    ['names a drive', [file, { name: 'C:evil' }], 'ARTIFACT_CORRUPT'],
    ['names a stream', [file, { name: 'ab:evil' }], 'ARTIFACT_UNSAFE'],
    ['has a NUL', [file, { name: 'a\0b' }], 'ARTIFACT_UNSAFE'],
    ['has an empty part', [file, { name: 'a//b' }], 'ARTIFACT_UNSAFE'],
    ['has a dot part', [file, { name: './a' }], 'ARTIFACT_UNSAFE'],
    ['has no name', [file, { name: '' }], 'ARTIFACT_UNSAFE'],
    ['is too long', [file, { name: 'a/'.repeat(600) + 'b' }], 'ARTIFACT_UNSAFE'],
    [
      'is a symbolic link',
      [file, { name: 'link', content: '/etc/passwd', mode: 0o120777 }],
      'ARTIFACT_UNSAFE',
    ],
    [
      'goes through a symbolic link',
      [
        file,
        { name: 'link', content: '/tmp', mode: 0o120777 },
        { name: 'link/evil', content: 'x' },
      ],
      'ARTIFACT_UNSAFE',
    ],
    ['is a device', [file, { name: 'null', mode: 0o020666 }], 'ARTIFACT_UNSAFE'],
    ['is a pipe', [file, { name: 'pipe', mode: 0o010666 }], 'ARTIFACT_UNSAFE'],
    ['is there twice', [file, file], 'ARTIFACT_UNSAFE'],
    [
      'is a file and a directory',
      [
        { name: 'a', content: '1' },
        { name: 'a/b', content: '2' },
      ],
      'ARTIFACT_UNSAFE',
    ],
    [
      'is a directory and a file',
      [
        { name: 'a/b', content: '2' },
        { name: 'a', content: '1' },
      ],
      'ARTIFACT_UNSAFE',
    ],
    [
      'is encrypted',
      [file, { name: 'secret', content: 'x', deflate: true, flags: 0x0801 }],
      'ARTIFACT_UNSAFE',
    ],
    [
      'lies about its size, too small',
      [{ name: 'bomb', content: Buffer.alloc(1_000_000), deflate: true, claimedSize: 10 }],
      'ARTIFACT_CORRUPT',
    ],
    [
      'lies about its size, too large',
      [{ name: 'bomb', content: Buffer.alloc(10), deflate: true, claimedSize: 1000 }],
      'ARTIFACT_CORRUPT',
    ],
    [
      'is broken',
      [
        { name: 'x', content: Buffer.from('not deflated'), deflate: false },
        { name: 'y', content: '1', claimedSize: 2 },
      ],
      'ARTIFACT_CORRUPT',
    ],
  ];
  test.each(hostile)(
    'refuses a zip in which an entry %s, and leaves nothing behind',
    async (_what, entries, code) => {
      await expect(extractZip(rawZip(entries), 'evil.zip', target())).rejects.toMatchObject({
        name: 'BgfnError',
        code,
        message: expect.stringContaining('evil.zip'),
      });
      expect(
        (await everything()).filter(
          (name) => name !== 'deep' && name !== path.join('deep', 'enough'),
        ),
      ).toEqual([]);
    },
  );

  test('refuses a zip that would unpack to more than the limit before anything is unpacked', async () => {
    const bomb = rawZip(
      [1, 2, 3].map((index) => ({
        name: `bomb-${index}`,
        content: Buffer.alloc(400_000),
        deflate: true,
      })),
    );
    expect(bomb.length).toBeLessThan(5000);
    await expect(
      extractZip(bomb, 'bomb.zip', target(), { totalBytes: 1_000_000, entries: 10 }),
    ).rejects.toMatchObject({
      code: 'ARTIFACT_UNSAFE',
      message: expect.stringContaining('bomb-3'),
    });
    await expect(
      extractZip(bomb, 'bomb.zip', target(), { totalBytes: 10_000_000, entries: 2 }),
    ).rejects.toMatchObject({
      code: 'ARTIFACT_UNSAFE',
      message: expect.stringContaining('3 entries'),
    });
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('this is not a zip')],
    ['half a zip', rawZip([{ name: 'a', content: 'x'.repeat(100) }]).subarray(0, 80)],
  ])('refuses %s', async (_what, zip) => {
    await expect(extractZip(zip, 'broken.zip', target())).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
    });
  });
});

test('a zip may hold as much as the build wrote into the manifest', async () => {
  const zip = rawZip([{ name: 'a.mjs', content: 'x'.repeat(1000) }]);
  await expect(
    extractZip(zip, 'a.zip', target(), { totalBytes: 999, entries: 10 }),
  ).rejects.toMatchObject({ code: 'ARTIFACT_UNSAFE' });
  const usual = extractLimitsFor().totalBytes;
  expect(extractLimitsFor(usual - 1).totalBytes).toBe(usual);
  expect(extractLimitsFor(usual + 1).totalBytes).toBe(usual + 1);
});
