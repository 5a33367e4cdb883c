import { describe, expect, test } from 'vitest';
import { createGroupCommit } from '../../../src/runtime/calls/group-commit.ts';
import { StoreUnavailableError, type NewCall } from '../../../src/runtime/queue/store.ts';

describe('group commit', () => {
  const call = (id: string): NewCall => ({
    id,
    kind: 'call',
    functionName: 'f',
    payload: Buffer.alloc(0),
    retry: { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 60 },
  });

  test('puts the calls of one turn into one commit; while one is made, the rest gathers', async () => {
    const groups: string[][] = [];
    const commits: (() => void)[] = [];
    let stored = 0;
    const commit = createGroupCommit(
      {
        async accept(calls) {
          groups.push(calls.map(({ id }) => id));
          await new Promise<void>((resolve) => {
            commits.push(resolve);
          });
          return calls.map(({ id }) => ({ id, duplicate: false }));
        },
      },
      () => 0,
      () => (stored += 1),
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

  test('tells every caller of a failed commit, and goes on with the next', async () => {
    let broken = true;
    const commit = createGroupCommit(
      {
        accept: (calls) =>
          broken
            ? Promise.reject(new StoreUnavailableError('disk full'))
            : Promise.resolve(calls.map(({ id }) => ({ id, duplicate: false }))),
      },
      () => 0,
    );
    const results = await Promise.allSettled([commit.add(call('a')), commit.add(call('b'))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await commit.add(call('c'))).toEqual({ id: 'c', duplicate: false });
  });
});
