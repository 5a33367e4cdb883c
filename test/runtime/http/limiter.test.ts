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
      await everybodyTold();
    },
  };
}

/** Whoever is let in has been told in this many turns. */
async function everybodyTold(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
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
  await leave('b1');
  expect(inside).toEqual(['a1', 'b1', 'a2']);
  await leave('a2');
  expect(inside).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('a place given back is one place', async () => {
  const { enter, leave, inside } = door({ running: 2, total: 3, waiting: 9 });
  for (const who of ['a1', 'a2', 'b1']) await enter(who);
  await leave('a1');
  for (const who of ['a3', 'a4', 'c1']) void enter(who);
  await everybodyTold();
  expect(inside).toEqual(['a1', 'a2', 'b1', 'a3']);
  await leave('b1');
  void enter('d1');
  await everybodyTold();
  expect(inside).toEqual(['a1', 'a2', 'b1', 'a3', 'c1']);
});

test('all functions together have no more than the total, and a full function holds nobody else up', async () => {
  const { enter, leave, inside } = door({ running: 2, total: 3, waiting: 9 });
  for (const who of ['a1', 'a2', 'b1']) await enter(who);
  void enter('a3');
  void enter('c1');
  await everybodyTold();
  expect(inside).toEqual(['a1', 'a2', 'b1']);
  await leave('b1');
  expect(inside).toEqual(['a1', 'a2', 'b1', 'c1']);
  await leave('a1');
  expect(inside).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
});

test('all functions together have 64 places when nothing else is said', async () => {
  const { enter, inside } = door({ running: 100, waiting: 9 });
  for (let call = 0; call < 70; call += 1) void enter(`a${call}`);
  await everybodyTold();
  expect(inside).toHaveLength(64);
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

test('whoever finds too many waiting is turned away, until one of them is let in', async () => {
  const { enter, leave, turnedAway, inside } = door({ running: 1, waiting: 2 });
  await enter('a1');
  for (const who of ['a2', 'a3', 'a4']) void enter(who);
  await everybodyTold();
  expect(turnedAway).toEqual(['a4']);
  await leave('a1');
  for (const who of ['a5', 'a6']) void enter(who);
  await everybodyTold();
  expect(turnedAway).toEqual(['a4', 'a6']);
  expect(inside).toEqual(['a1', 'a2']);
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
