import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile, writeFileAtomically } from '../../src/files/replace-file.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'bgfn-files-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

test('a file is written into a directory that does not exist yet, and nothing else is left', async () => {
  const file = path.join(root, 'a', 'b.json');
  await writeFileAtomically(file, 'one');
  await writeFileAtomically(file, 'two');
  expect(await readFile(file, 'utf8')).toBe('two');
  expect(await readdir(path.dirname(file))).toEqual(['b.json']);
});

test('the target keeps its old content until the new one is complete', async () => {
  const file = path.join(root, 'b.json');
  await writeFile(file, 'old');
  const result = await replaceFile(file, async (temporary) => {
    await writeFile(temporary, 'half');
    expect(await readFile(file, 'utf8')).toBe('old');
    await writeFile(temporary, 'whole');
    return path.dirname(temporary);
  });
  expect(result).toBe(root);
  expect(await readFile(file, 'utf8')).toBe('whole');
});

test('a directory can be replaced in the same way', async () => {
  const target = path.join(root, 'functions');
  await replaceFile(target, async (temporary) => {
    await mkdir(temporary);
    await writeFile(path.join(temporary, 'index.mjs'), '');
  });
  expect(await readdir(target)).toEqual(['index.mjs']);
});

test('an error of `make` is thrown, and leaves the old content and no temporary file', async () => {
  const file = path.join(root, 'b.json');
  await writeFile(file, 'old');
  const failure = new Error('the disk is full');
  await expect(
    replaceFile(file, async (temporary) => {
      await writeFile(temporary, 'half');
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(await readdir(root)).toEqual(['b.json']);
  expect(await readFile(file, 'utf8')).toBe('old');
});
