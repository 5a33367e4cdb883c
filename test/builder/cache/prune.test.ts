import { readdir, utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { prune } from '../../../src/builder/cache/prune.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const nowMs = Date.UTC(2026, 0, 31);
const limits = { maxAgeMs: 1000, maxBytes: 25, intervalMs: 0 };

async function cacheOf(entries: Record<string, { bytes: number; ageMs: number }>) {
  const project = await temporaryProject();
  for (const [name, { bytes, ageMs }] of Object.entries(entries)) {
    await project.write({ [`cache/zips/${name}`]: 'x'.repeat(bytes) });
    await utimes(project.path('cache/zips', name), (nowMs - ageMs) / 1000, (nowMs - ageMs) / 1000);
  }
  return project;
}

test('pruning removes files that have not been used for long', async () => {
  await using project = await cacheOf({
    'old.zip': { bytes: 1, ageMs: 2000 },
    'young.zip': { bytes: 1, ageMs: 500 },
  });
  await prune(project.path('cache'), nowMs, limits);
  expect(await readdir(project.path('cache/zips'))).toEqual(['young.zip']);
});

test('pruning removes the least recently used files above the size limit', async () => {
  await using project = await cacheOf({
    'a.zip': { bytes: 10, ageMs: 300 },
    'b.zip': { bytes: 10, ageMs: 200 },
    'c.zip': { bytes: 10, ageMs: 100 },
  });
  await prune(project.path('cache'), nowMs, limits);
  expect(await readdir(project.path('cache/zips'))).toEqual(['b.zip', 'c.zip']);
});

test('pruning does nothing when the last pruning was recent', async () => {
  await using project = await cacheOf({ 'old.zip': { bytes: 1, ageMs: 2000 } });
  await project.write({ 'cache/.pruned': '' });
  await utimes(project.path('cache/.pruned'), nowMs / 1000 - 1, nowMs / 1000 - 1);
  await prune(project.path('cache'), nowMs, { ...limits, intervalMs: 5000 });
  expect(await readdir(project.path('cache/zips'))).toEqual(['old.zip']);
});
