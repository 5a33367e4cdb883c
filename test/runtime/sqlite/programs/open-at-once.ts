import { parentPort, workerData } from 'node:worker_threads';
import { queueFormat } from '../../../../src/runtime/queue/sqlite/format.ts';
import { openDatabase } from '../../../../src/runtime/sqlite/open-database.ts';

export interface OpenAtOnce {
  readonly files: readonly string[];
  /** The number of threads that open each file. */
  readonly threads: number;
  /** One 32-bit integer: the number of arrivals so far, over all files. */
  readonly arrivals: SharedArrayBuffer;
}

/** Opens every file at the same moment as the other threads, and posts the errors. */
const { files, threads, arrivals } = workerData as OpenAtOnce;
const arrived = new Int32Array(arrivals);
const problems: string[] = [];
for (const [index, file] of files.entries()) {
  Atomics.add(arrived, 0, 1);
  for (let seen = 0; seen < threads * (index + 1); seen = Atomics.load(arrived, 0)) {
    Atomics.wait(arrived, 0, seen, 1);
  }
  try {
    openDatabase(file, queueFormat).close();
  } catch (error) {
    problems.push(String(error));
  }
}
parentPort?.postMessage(problems, []);
