import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/schema.ts';
import { loadFunctions } from '../../../src/runtime/load/load-functions.ts';
import { writeArtifacts } from '../support/artifacts.ts';
import { rawZip } from '../support/raw-zip.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'bgfn-load-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const load = (manifest: Manifest) =>
  loadFunctions(manifest, {
    artifactsDirectory: path.join(root, 'artifacts'),
    extractDirectory: path.join(root, 'functions'),
    environment: () => ({ A: '1' }),
  });

describe('loading functions', () => {
  test('verifies and extracts every artifact into a directory named by its digest', async () => {
    const manifest = await writeArtifacts(path.join(root, 'artifacts'), [
      { name: 'hello', source: 'export const handler = 1;' },
      { name: 'work-background' },
    ]);
    const [hello, work] = await load(manifest);
    const version = manifest.functions[0]!.artifact.sha256;
    expect(hello).toMatchObject({
      name: 'hello',
      mode: 'sync',
      timeoutMs: 60_000,
      runnable: {
        runtime: 'js',
        handler: 'hello.handler',
        version,
        directory: path.join(root, 'functions', `hello-${version.slice(0, 16)}`),
        environment: { A: '1' },
      },
    });
    expect(work).toMatchObject({ mode: 'background', timeoutMs: 900_000 });
    expect(await readFile(path.join(hello!.runnable.directory, 'hello.mjs'), 'utf8')).toBe(
      'export const handler = 1;',
    );
  });

  test('refuses an artifact that is not the one that was built, even when it was extracted before', async () => {
    const manifest = await writeArtifacts(path.join(root, 'artifacts'), [{ name: 'hello' }]);
    await load(manifest);
    await appendFile(path.join(root, 'artifacts', 'hello.zip'), 'x');
    await expect(load(manifest)).rejects.toMatchObject({
      code: 'ARTIFACT_MISMATCH',
      message: expect.stringContaining('hello.zip'),
      hint: expect.stringContaining('bgfn build'),
    });
  });

  test('reports which artifact is missing', async () => {
    const manifest = await writeArtifacts(path.join(root, 'artifacts'), [{ name: 'hello' }]);
    await rm(path.join(root, 'artifacts', 'hello.zip'));
    await expect(load(manifest)).rejects.toMatchObject({
      code: 'ARTIFACT_MISSING',
      message: expect.stringContaining('hello.zip'),
    });
  });

  test('refuses a hostile zip whose digest is right', async () => {
    const manifest = await writeArtifacts(path.join(root, 'artifacts'), [
      { name: 'hello', zip: rawZip([{ name: 'link', content: '/etc', mode: 0o120777 }]) },
    ]);
    await expect(load(manifest)).rejects.toMatchObject({ code: 'ARTIFACT_UNSAFE' });
    expect(await readdir(path.join(root, 'functions'))).toEqual([]);
  });

  test.each(['../evil', 'a/b', '/etc', '.', '..', 'a\\b', 'a b', '', 'c:'])(
    'refuses a function named %j, although the schema let it through',
    async (name) => {
      const manifest = await writeArtifacts(path.join(root, 'artifacts'), [{ name: 'hello' }]);
      const hostile: Manifest = { ...manifest, functions: [{ ...manifest.functions[0]!, name }] };
      await expect(load(hostile)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    },
  );

  test('refuses the same function twice', async () => {
    const manifest = await writeArtifacts(path.join(root, 'artifacts'), [{ name: 'hello' }]);
    await expect(
      load({ ...manifest, functions: [...manifest.functions, ...manifest.functions] }),
    ).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
  });
});
