import { utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { perVersion } from '../../../../src/builder/bundle/memory/per-version.ts';
import { temporaryProject } from '../../support/temporary-project.ts';

test('a file is read again only when it has changed', async () => {
  await using project = await temporaryProject({ a: 'one', b: 'two' });
  const reads: string[] = [];
  const read = perVersion((file) => reads.push(file));
  const [a, b] = [project.path('a'), project.path('b')];
  expect([read(a), read(b), read(a)]).toStrictEqual([1, 2, 1]);
  await utimes(a, 1, 1);
  expect([read(a), read(b)]).toStrictEqual([3, 2]);
});

test('a file that is gone is an error', () => {
  expect(() => perVersion(() => 1)('/gone')).toThrow('ENOENT');
});
