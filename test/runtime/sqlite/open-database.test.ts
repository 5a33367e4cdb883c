import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { OpenAtOnce } from './programs/open-at-once.ts';

test('threads of one process that create the same new file at the same moment all open it', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-open-'));
  const names = Array.from({ length: 10 }, (_, index) => `${index}.db`);
  const data: OpenAtOnce = {
    files: names.map((name) => path.join(directory, name)),
    threads: 3,
    arrivals: new SharedArrayBuffer(4),
  };
  const workers = Array.from(
    { length: data.threads },
    () => new Worker(new URL('programs/open-at-once.ts', import.meta.url), { workerData: data }),
  );
  const problems = await Promise.all(workers.map((worker) => once(worker, 'message')));
  expect(problems.flat(2)).toEqual([]);
  const left = await readdir(directory);
  expect(left.filter((name) => !/\.db(?:-wal|-shm)?$/.test(name))).toEqual([]);
  await rm(directory, { recursive: true });
});
