import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, stat, truncate } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openPromise, type Entry } from 'yauzl';
import { pack } from '../../../src/builder/pack/pack.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { bundleOf, textFile } from './support/bundles.ts';

const run = promisify(execFile);
const packFourAtOnce = fileURLToPath(new URL('programs/pack-four-at-once.ts', import.meta.url));

const megabyte = 1024 * 1024;

/** A text that deflate writes in many chunks. */
const large = randomBytes(3_000_000).toString('base64');
const files = [
  textFile('a/large.txt', large),
  textFile('deep/ü/日本.json', '{"a":1}'.repeat(100)),
  textFile('empty', ''),
  textFile('run.sh', '#!/bin/sh\n', 0o755),
];

test('unzip restores names, bytes and permissions', async () => {
  await using project = await temporaryProject();
  await pack(bundleOf(files), { name: 'f', outputDirectory: project.path('out') });
  await run('unzip', ['-q', project.path('out/f.zip'), '-d', project.path('there')]);
  for (const { path, mode, content } of files) {
    const file = project.path(`there/${path}`);
    expect(content.bytes.equals(await readFile(file))).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(mode);
  }
});

test("Python's zipfile accepts every checksum", async () => {
  await using project = await temporaryProject();
  await pack(bundleOf(files), { name: 'f', outputDirectory: project.path('out') });
  const script =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), ascii(z.namelist()))';
  const { stdout } = await run('python3', ['-c', script, project.path('out/f.zip')]);
  expect(stdout.trim()).toBe(
    String.raw`None ['a/large.txt', 'deep/\xfc/\u65e5\u672c.json', 'empty', 'run.sh']`,
  );
});

test('files of a few bytes are stored', async () => {
  await using project = await temporaryProject();
  await pack(bundleOf(files), { name: 'f', outputDirectory: project.path('out') });
  const zip = await openPromise(project.path('out/f.zip'), { lazyEntries: true });
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  expect(entries.map(({ fileName, compressionMethod }) => [fileName, compressionMethod])).toEqual([
    ['a/large.txt', 8],
    ['deep/ü/日本.json', 8],
    ['empty', 0],
    ['run.sh', 0],
  ]);
});

test('a zip can have more files than 16 bits can count', { timeout: 120_000 }, async () => {
  await using project = await temporaryProject();
  const count = 65_600;
  await pack(bundleOf(Array.from({ length: count }, (_, index) => textFile(`d/${index}`, 'x'))), {
    name: 'f',
    outputDirectory: project.path('out'),
  });
  const zip = await openPromise(project.path('out/f.zip'), { lazyEntries: true });
  expect(zip.entryCount).toBe(count);
  const { stdout } = await run('unzip', ['-tq', project.path('out/f.zip')]);
  expect(stdout).toContain('No errors detected');
});

test('a large file is read in parts, and the zip has the same bytes as with the file in memory', async () => {
  await using project = await temporaryProject({ 'large.txt': large });
  const inMemory = await pack(bundleOf([textFile('large.txt', large)]), {
    name: 'f',
    outputDirectory: project.path('memory'),
  });
  const content = { copyFrom: project.path('large.txt') };
  const streamed = await pack(bundleOf([{ path: 'large.txt', mode: 0o644, content }]), {
    name: 'f',
    outputDirectory: project.path('disk'),
  });
  expect(streamed).toEqual(inMemory);
});

test('many large files at once are not held in memory', async () => {
  await using project = await temporaryProject({ 'large.bin': '' });
  await truncate(project.path('large.bin'), 100 * megabyte);
  const { stdout } = await run(process.execPath, [
    packFourAtOnce,
    project.path('large.bin'),
    project.path('out'),
  ]);
  expect(stdout).toMatch(/^\d+$/);
  expect(Number(stdout)).toBeLessThan(100 * megabyte);
});

test('the error for a large file that disappears before it is read names the function', async () => {
  await using project = await temporaryProject({ 'large.txt': large });
  let asked = 0;
  const content = {
    /** The file exists while its size is looked up, and not when it is read. */
    get copyFrom(): string {
      asked += 1;
      return project.path(asked > 1 ? 'gone.txt' : 'large.txt');
    },
  };
  await expect(
    pack(bundleOf([textFile('a', 'x'), { path: 'large.txt', mode: 0o644, content }]), {
      name: 'f',
      outputDirectory: project.path('out'),
    }),
  ).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: `The function "f" needs ${project.path('gone.txt')}, which cannot be read (ENOENT).`,
  });
  expect(await readdir(project.path('out'))).toEqual([]);
});
