import { execFile } from 'node:child_process';
import { chmod, readFile, readdir, utimes } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openPromise } from 'yauzl';
import { pack } from '../../../src/builder/pack/pack.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { bundleOf, textFile, zipBundle } from './support/bundles.ts';

const run = promisify(execFile);
const packOneFile = fileURLToPath(new URL('programs/pack-one-file.ts', import.meta.url));
const files = [
  textFile('f.mjs', 'export const handler = 1;\n'.repeat(200)),
  textFile('data/é.json', '{}'),
  textFile('bootstrap', '#!/bin/sh\n', 0o755),
  textFile('empty', ''),
];

async function entriesOf(
  file: string,
): Promise<{ name: string; mode: number; date: number; time: number; extra: number }[]> {
  const zip = await openPromise(file, { lazyEntries: true });
  const entries = [];
  for await (const entry of zip.eachEntry()) {
    entries.push({
      name: entry.fileName,
      mode: entry.externalFileAttributes >>> 16,
      date: entry.lastModFileDate,
      time: entry.lastModFileTime,
      extra: entry.extraFieldLength,
    });
  }
  return entries;
}

describe('pack', () => {
  test('writes a sound zip: entries sorted, modes and dates fixed, no extra fields', async () => {
    await using project = await temporaryProject();
    const artifact = await pack(bundleOf(files), {
      name: 'f',
      outputDirectory: project.path('out'),
    });
    const zip = project.path('out/f.zip');
    await expect(run('unzip', ['-t', zip])).resolves.toMatchObject({
      stdout: expect.stringContaining('No errors detected'),
    });
    expect(await entriesOf(zip)).toEqual([
      { name: 'bootstrap', mode: 0o100755, date: 33, time: 0, extra: 0 },
      { name: 'data/é.json', mode: 0o100644, date: 33, time: 0, extra: 0 },
      { name: 'empty', mode: 0o100644, date: 33, time: 0, extra: 0 },
      { name: 'f.mjs', mode: 0o100644, date: 33, time: 0, extra: 0 },
    ]);
    expect(artifact.size).toBe((await readFile(zip)).length);
    expect(artifact.unzippedSize).toBe(26 * 200 + 2 + 10);
    expect(await readdir(project.path('out'))).toEqual(['f.zip']);
  });

  test('writes the same bytes whatever the order of the files', async () => {
    await using project = await temporaryProject();
    const one = await pack(bundleOf(files), { name: 'f', outputDirectory: project.path('a') });
    const other = await pack(bundleOf(files.toReversed()), {
      name: 'f',
      outputDirectory: project.path('b'),
    });
    expect(other).toEqual(one);
  });

  test('writes the same bytes whatever the time zone, umask, directory, and times and modes of the sources', async () => {
    await using project = await temporaryProject({
      'one/data.txt': 'same',
      'two/deeper/data.txt': 'same',
    });
    await utimes(project.path('two/deeper/data.txt'), 1, 1);
    await chmod(project.path('two/deeper/data.txt'), 0o600);
    const packIn = async (
      umask: string,
      timeZone: string,
      source: string,
      out: string,
    ): Promise<string> => {
      const args = [packOneFile, umask, project.path(source), project.path(out)];
      const { stdout } = await run(process.execPath, args, {
        env: { ...process.env, TZ: timeZone },
      });
      return stdout;
    };
    const digests = new Set([
      await packIn('022', 'UTC', 'one/data.txt', 'out-1'),
      await packIn('077', 'Asia/Tokyo', 'two/deeper/data.txt', 'out-2'),
      await packIn('000', 'America/Los_Angeles', 'one/data.txt', 'out-3'),
    ]);
    expect(digests.size).toBe(1);
    expect([...digests][0]).toMatch(/^[0-9a-f]{64} [0-9a-f]{64}$/);
  });

  test('has a content digest that changes with the paths, the modes and the bytes', async () => {
    await using project = await temporaryProject();
    const digest = async (...parts: Parameters<typeof textFile>): Promise<string> =>
      (
        await pack(bundleOf([textFile(...parts)]), {
          name: 'f',
          outputDirectory: project.path('out'),
        })
      ).contentDigest;
    const digests = [
      await digest('a', 'x'),
      await digest('b', 'x'),
      await digest('a', 'y'),
      await digest('a', 'x', 0o755),
    ];
    expect(new Set(digests).size).toBe(4);
    expect(await digest('a', 'x')).toBe(digests[0]);
  });

  test('copies a prebuilt zip byte for byte, with the content digest of its entries', async () => {
    await using project = await temporaryProject();
    const made = await pack(bundleOf(files), {
      name: 'made',
      outputDirectory: project.path('prebuilt'),
    });
    const passed = await pack(zipBundle(project.path('prebuilt/made.zip')), {
      name: 'f',
      outputDirectory: project.path('out'),
    });
    expect(passed).toEqual({ ...made, file: 'f.zip' });
    expect(await readFile(project.path('out/f.zip'))).toEqual(
      await readFile(project.path('prebuilt/made.zip')),
    );
  });

  test.each([
    ['text', 'this is not a zip'],
    ['nothing', ''],
  ])('refuses a prebuilt zip that is %s', async (_what, content) => {
    await using project = await temporaryProject({ 'broken.zip': content });
    await expect(
      pack(zipBundle(project.path('broken.zip')), {
        name: 'f',
        outputDirectory: project.path('out'),
      }),
    ).rejects.toMatchObject({ code: 'ZIP_INVALID', hint: expect.stringContaining('broken.zip') });
    expect(await readdir(project.path('out'))).toEqual([]);
  });

  test('refuses a prebuilt zip whose bytes are damaged inside', async () => {
    await using project = await temporaryProject();
    await pack(bundleOf(files), { name: 'made', outputDirectory: project.path('prebuilt') });
    const bytes = await readFile(project.path('prebuilt/made.zip'));
    // These are the first bytes of the deflated data of the first entry.
    bytes.fill(0xff, 39, 44);
    await project.write({ 'damaged.zip': bytes });
    await expect(
      pack(zipBundle(project.path('damaged.zip')), {
        name: 'f',
        outputDirectory: project.path('out'),
      }),
    ).rejects.toMatchObject({ code: 'ZIP_INVALID' });
  });

  test('names the file that cannot be read', async () => {
    await using project = await temporaryProject();
    const bundle = bundleOf([
      { path: 'gone', mode: 0o644, content: { copyFrom: project.path('gone') } },
    ]);
    await expect(
      pack(bundle, { name: 'f', outputDirectory: project.path('out') }),
    ).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining(project.path('gone')),
    });
  });

  test.each(['../outside', '/etc/passwd', 'a/../../b', 'a\\b', ''])(
    'refuses the path %j',
    async (path) => {
      await using project = await temporaryProject();
      await expect(
        pack(bundleOf([textFile(path, 'x')]), { name: 'f', outputDirectory: project.path('out') }),
      ).rejects.toMatchObject({ code: 'ARTIFACT_PATH_CONFLICT' });
    },
  );

  test('refuses two files with the same path', async () => {
    await using project = await temporaryProject();
    await expect(
      pack(bundleOf([textFile('a', '1'), textFile('a', '2')]), {
        name: 'f',
        outputDirectory: project.path('out'),
      }),
    ).rejects.toMatchObject({ code: 'ARTIFACT_PATH_CONFLICT' });
  });
});
