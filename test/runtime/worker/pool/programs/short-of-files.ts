/**
 * A program that shortage.test.ts starts under a small `ulimit -n`. It runs a function while only
 * as many files can be opened as the first argument says, and once more when that limit is gone. It
 * prints both outcomes as JSON.
 */
import { closeSync, openSync } from 'node:fs';
import { createWorkerPool } from '../../../../../src/runtime/worker/pool/pool.ts';
import { behaviour } from '../../support/pool-rig.ts';

const pool = createWorkerPool();
const run = (invocationId: string) =>
  pool.run(behaviour('counts'), {
    invocationId,
    attempt: 1,
    payload: Buffer.from('{}'),
    timeoutMs: 60_000,
    onLog: () => undefined,
  });

const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // EMFILE: all file descriptors are in use.
}
for (const file of taken.splice(0, Number(process.argv[2]))) closeSync(file);
const outcomes = [await run('without')];
for (const file of taken) closeSync(file);
outcomes.push(await run('with'));
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
await pool.close();
