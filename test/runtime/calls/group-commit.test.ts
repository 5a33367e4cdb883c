import { describe, expect, test } from 'vitest';
import {
  createGroupCommit,
  type GroupCommitOptions,
} from '../../../src/runtime/calls/group-commit.ts';
import { StoreUnavailableError, type NewCall } from '../../../src/runtime/queue/store.ts';

const acceptAll: GroupCommitOptions['store']['accept'] = (calls) =>
  Promise.resolve(calls.map(({ id }) => ({ id, duplicate: false })));

function commitTo(
  accept: GroupCommitOptions['store']['accept'],
  options: Partial<GroupCommitOptions> = {},
) {
  return createGroupCommit({
    store: { accept },
    now: () => 0,
    onStored: () => {},
    onInternalError: (error) => {
      throw error;
    },
    ...options,
  });
}

describe('group commit', () => {
  const call = (id: string): NewCall => ({
    id,
    kind: 'call',
    functionName: 'f',
    payload: Buffer.alloc(0),
    retry: { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 60 },
  });

  test('puts the calls of one turn into one commit, and those that come during a commit into the next', async () => {
    const groups: string[][] = [];
    const commits: (() => void)[] = [];
    let stored = 0;
    const commit = commitTo(
      async (calls, nowMs) => {
        groups.push(calls.map(({ id }) => id));
        await new Promise<void>((resolve) => {
          commits.push(resolve);
        });
        return acceptAll(calls, nowMs);
      },
      { onStored: () => (stored += 1) },
    );
    const answers: Promise<{ readonly id: string }>[] = [];
    for (const turn of ['ab', 'cd', 'e', 'f']) {
      answers.push(...Array.from(turn, (id) => commit.add(call(id))));
      await new Promise(setImmediate);
    }
    expect(groups).toEqual([['a', 'b']]);
    commits[0]?.();
    expect((await Promise.all(answers.slice(0, 2))).map(({ id }) => id)).toEqual(['a', 'b']);
    await new Promise(setImmediate);
    expect(groups.slice(1)).toEqual([['c', 'd', 'e', 'f']]);
    commits[1]?.();
    expect((await Promise.all(answers)).map(({ id }) => id).join('')).toBe('abcdef');
    expect(stored).toBe(2);
  });

  test('rejects every call of a failed commit, and goes on with the next commit', async () => {
    let broken = true;
    const commit = commitTo((calls, nowMs) =>
      broken ? Promise.reject(new StoreUnavailableError('disk full')) : acceptAll(calls, nowMs),
    );
    const results = await Promise.allSettled([commit.add(call('a')), commit.add(call('b'))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await commit.add(call('c'))).toEqual({ id: 'c', duplicate: false });
  });

  test('reports an error of its listener, accepts the calls all the same, and goes on', async () => {
    const bug = new Error('cannot wake');
    const reported: unknown[] = [];
    const commit = commitTo(acceptAll, {
      onStored: () => {
        throw bug;
      },
      onInternalError: (error) => reported.push(error),
    });
    expect(await commit.add(call('a'))).toEqual({ id: 'a', duplicate: false });
    await new Promise(setImmediate);
    expect(reported).toEqual([bug]);
    expect(await commit.add(call('b'))).toEqual({ id: 'b', duplicate: false });
  });
});
