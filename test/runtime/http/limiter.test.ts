import { expect, test } from 'vitest';
import { createLimiter } from '../../../src/runtime/http/limiter.ts';

/** Enters and writes down who came in, in order. */
function door(options: Parameters<typeof createLimiter>[0]) {
  const limiter = createLimiter(options);
  const inside: string[] = [];
  const leaves = new Map<string, () => void>();
  const turnedAway: string[] = [];
  return {
    inside,
    turnedAway,
    enter: async (who: string): Promise<void> => {
      const leave = await limiter.enter(who.charAt(0));
      if (leave === undefined) {
        turnedAway.push(who);
        return;
      }
      inside.push(who);
      leaves.set(who, leave);
    },
    leave: async (who: string): Promise<void> => {
      leaves.get(who)?.();
      // Whoever it let in has been told in this many turns.
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

test('each function has its own places, and the oldest of its calls comes next', async () => {
  const { enter, leave, inside } = door({ running: 1, waiting: 9 });
  await enter('a1');
  void enter('a2');
  void enter('a3');
  await enter('b1');
  expect(inside).toEqual(['a1', 'b1']);
  await leave('a1');
  expect(inside).toEqual(['a1', 'b1', 'a2']);
});

test('all functions together have no more than the total, and a full function holds nobody else up', async () => {
  const { enter, leave, inside } = door({ running: 2, total: 3, waiting: 9 });
  for (const who of ['a1', 'a2', 'b1']) await enter(who);
  void enter('a3');
  void enter('c1');
  expect(inside).toEqual(['a1', 'a2', 'b1']);
  await leave('b1');
  expect(inside).toEqual(['a1', 'a2', 'b1', 'c1']);
  await leave('a1');
  expect(inside).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
});

test('a place given back twice counts once', async () => {
  const { enter, leave, inside } = door({ running: 1, waiting: 9 });
  await enter('a1');
  void enter('a2');
  void enter('a3');
  await leave('a1');
  await leave('a1');
  expect(inside).toEqual(['a1', 'a2']);
});

test('whoever finds too many waiting is turned away', async () => {
  const { enter, turnedAway } = door({ running: 1, waiting: 1 });
  await enter('a1');
  void enter('a2');
  await enter('a3');
  expect(turnedAway).toEqual(['a3']);
});

test('is empty when the last one that runs has left, whoever waited included', async () => {
  const limiter = createLimiter({ running: 1, waiting: 1 });
  await limiter.empty();
  const leave = await limiter.enter('a');
  const waiting = limiter.enter('a');
  const seen: string[] = [];
  const empty = limiter.empty().then(() => seen.push('empty'));
  leave?.();
  const leaveLast = await waiting;
  seen.push('last');
  leaveLast?.();
  await empty;
  expect(seen).toEqual(['last', 'empty']);
});
