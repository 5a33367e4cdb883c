import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openPromise, type Entry } from 'yauzl';
import { pack } from '../../../src/builder/pack/pack.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { bundleOf, textFile } from './support/bundles.ts';

const run = promisify(execFile);

/** Large enough for the thread pool, and for several pieces of its output. */
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

test("Python's zipfile finds every checksum right", async () => {
  await using project = await temporaryProject();
  await pack(bundleOf(files), { name: 'f', outputDirectory: project.path('out') });
  const script =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), ascii(z.namelist()))';
  const { stdout } = await run('python3', ['-c', script, project.path('out/f.zip')]);
  expect(stdout.trim()).toBe(
    String.raw`None ['a/large.txt', 'deep/\xfc/\u65e5\u672c.json', 'empty', 'run.sh']`,
  );
});

test('what deflate would not make smaller is stored', async () => {
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

test('more files than 16 bits count are all there', async () => {
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
