import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startOrphanGuard } from '../../../../src/runtime/worker/process/orphan-guard.ts';
import { gone, isAlive } from '../support/pool-rig.ts';

const parentProgram = fileURLToPath(new URL('programs/guarded-parent.ts', import.meta.url));

/** Starts a process that has a pool with one worker. Returns the pids of the process and the worker. */
async function startParent(
  name: string,
): Promise<{ parent: number; worker: number; kill: (signal: NodeJS.Signals) => void }> {
  const child = spawn(process.execPath, [parentProgram, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) {
    return {
      parent: child.pid ?? 0,
      worker: Number(line),
      kill: (signal) => void child.kill(signal),
    };
  }
  throw new Error('The parent printed no pid.');
}

test.each(['busy-loop-with-pid', 'forks', 'detaches'])(
  'a worker that cannot be interrupted (%s) dies when bgfn is killed by SIGKILL',
  async (name) => {
    const { parent, worker, kill } = await startParent(name);
    expect(await isAlive(worker)).toBe(true);
    kill('SIGKILL');
    await gone(parent);
    await gone(worker);
    expect(await isAlive(worker)).toBe(false);
  },
);

test('the guard kills its groups when it is closed, but not the groups that were removed', async () => {
  const guard = startOrphanGuard('no-process-has-this-mark', () => undefined);
  const [kept, removed] = [startSleeper(), startSleeper()];
  guard.add(kept);
  guard.add(removed);
  guard.remove(removed);
  await guard.close();
  await gone(kept);
  expect(await isAlive(removed)).toBe(true);
  process.kill(removed, 'SIGKILL');
});

test.skipIf(process.platform !== 'linux')(
  'a guard that is killed is replaced by one with the same groups',
  async () => {
    const guard = startOrphanGuard('no-process-has-this-mark', () => undefined);
    const sleeper = startSleeper();
    guard.add(sleeper);
    const [first] = await expectGuard(() => true);
    process.kill(first, 'SIGKILL');
    await expectGuard((pid) => pid !== first);
    await guard.close();
    await gone(sleeper);
    expect(await isAlive(sleeper)).toBe(false);
  },
);

/** Resolves with the pids of this process's guards that `passes` accepts, once there is one. */
async function expectGuard(passes: (pid: number) => boolean): Promise<[number, ...number[]]> {
  for (;;) {
    const { stdout } = await promisify(execFile)('ps', [
      '-o',
      'pid=,args=',
      '--ppid',
      String(process.pid),
    ]);
    const [first, ...rest] = stdout
      .split('\n')
      .flatMap((line) =>
        line.includes('bgfn-guard') && !line.includes('<defunct>')
          ? [Number.parseInt(line, 10)]
          : [],
      )
      .filter((pid) => passes(pid));
    if (first !== undefined) return [first, ...rest];
  }
}

function startSleeper(): number {
  const { pid } = spawn('/bin/sh', ['-c', 'while :; do sleep 1; done'], {
    detached: true,
    stdio: 'ignore',
  });
  if (pid === undefined) throw new Error('No sleeper.');
  return pid;
}
