/**
 * A program that orphan-guard.test.ts starts. It has a pool with one worker, prints the pid that
 * the worker prints, and runs until it is killed.
 */
import { createWorkerPool } from '../../../../../src/runtime/worker/pool/pool.ts';
import { behaviour } from '../../support/pool-rig.ts';

const name = process.argv[2] ?? '';
await createWorkerPool().run(behaviour(name), {
  invocationId: 'guarded',
  attempt: 1,
  payload: Buffer.from('{}'),
  timeoutMs: 60_000,
  onLog: (line) => process.stdout.write(`${/\d+/.exec(line.text)?.[0]}\n`),
});
