import { truncate } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { pack } from '../../../src/builder/pack/pack.ts';
import {
  checkZipSize,
  largestContributors,
  maxUnzippedBytes,
  maxZipBytes,
} from '../../../src/builder/pack/size-limits.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { bundleOf } from './support/bundles.ts';

describe('the size limits', () => {
  test('count the files of one npm package together', () => {
    const files = [
      { path: 'f.mjs', bytes: 10 },
      { path: 'node_modules/a/x.js', bytes: 6 },
      { path: 'node_modules/a/y.js', bytes: 7 },
      { path: 'node_modules/@s/b/z.js', bytes: 1 },
      { path: 'node_modules/a/node_modules/c/z.js', bytes: 2 },
    ];
    expect(largestContributors(files, 3)).toEqual([
      { path: 'node_modules/a', bytes: 13 },
      { path: 'f.mjs', bytes: 10 },
      { path: 'node_modules/a/node_modules/c', bytes: 2 },
    ]);
  });

  test('reject content that is too large unzipped before any compression, and name its largest parts', async () => {
    await using project = await temporaryProject({ 'model.bin': '', 'other.bin': '' });
    await truncate(project.path('model.bin'), maxUnzippedBytes);
    await truncate(project.path('other.bin'), 1);
    const bundle = bundleOf(
      ['model.bin', 'other.bin'].map((path) => ({
        path,
        mode: 0o644,
        content: { copyFrom: project.path(path) },
      })),
    );
    await expect(
      pack(bundle, { name: 'f', outputDirectory: project.path('out') }),
    ).rejects.toMatchObject({
      code: 'ARTIFACT_TOO_LARGE',
      message: 'The function "f" holds 250.1 MB unzipped; the limit is 250.0 MB.',
      hint: expect.stringMatching(/250\.0 MB {2}model\.bin\n.*0\.1 MB {2}other\.bin/),
    });
  });

  test('reject a zip that is larger than the upload limit, but not one of exactly the limit', () => {
    expect(() => checkZipSize('f', maxZipBytes, [])).not.toThrow();
    expect(() => checkZipSize('f', maxZipBytes + 1, [{ path: 'a', bytes: 1 }])).toThrow(
      'is a zip of 50.1 MB; the limit is 50.0 MB',
    );
  });
});
