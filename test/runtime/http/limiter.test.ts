import { expect, test } from 'vitest';
import { createLimiter } from '../../../src/runtime/http/limiter.ts';

/** Enters the limiter and records the names of the calls that were let in, in order. */
function limiterRig(options: Parameters<typeof createLimiter>[0]) {
  const limiter = createLimiter(options);
  const inside: string[] = [];
  const leaves = new Map<string, () => void>();
  const refused: string[] = [];
  return {
    inside,
    refused,
    enter: async (call: string): Promise<void> => {
      const leave = await limiter.enter(call.charAt(0));
      if (leave === undefined) {
        refused.push(call);
        return;
      }
      inside.push(call);
      leaves.set(call, leave);
    },
    leave: async (call: string): Promise<void> => {
      leaves.get(call)?.();
      await callsToldOfEntry();
    },
  };
}

/** After so many turns of the event loop every call that was let in knows of it. */
async function callsToldOfEntry(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

test('each function has its own places, and the oldest of its waiting calls is admitted next', async () => {
  const { enter, leave, inside } = limiterRig({ running: 1, waiting: 9 });
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

test('a call that leaves makes room for one call', async () => {
  const { enter, leave, inside } = limiterRig({ running: 2, total: 3, waiting: 9 });
  for (const who of ['a1', 'a2', 'b1']) await enter(who);
  await leave('a1');
  for (const who of ['a3', 'a4', 'c1']) void enter(who);
  await callsToldOfEntry();
  expect(inside).toEqual(['a1', 'a2', 'b1', 'a3']);
  await leave('b1');
  void enter('d1');
  await callsToldOfEntry();
  expect(inside).toEqual(['a1', 'a2', 'b1', 'a3', 'c1']);
});

test('all functions together run no more calls than the total, and a full function does not delay the others', async () => {
  const { enter, leave, inside } = limiterRig({ running: 2, total: 3, waiting: 9 });
  for (const who of ['a1', 'a2', 'b1']) await enter(who);
  void enter('a3');
  void enter('c1');
  await callsToldOfEntry();
  expect(inside).toEqual(['a1', 'a2', 'b1']);
  await leave('b1');
  expect(inside).toEqual(['a1', 'a2', 'b1', 'c1']);
  await leave('a1');
  expect(inside).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
});

test('all functions together have 64 places by default', async () => {
  const { enter, inside } = limiterRig({ running: 100, waiting: 9 });
  for (let call = 0; call < 70; call += 1) void enter(`a${call}`);
  await callsToldOfEntry();
  expect(inside).toHaveLength(64);
});

test('a call that leaves twice counts once', async () => {
  const { enter, leave, inside } = limiterRig({ running: 1, waiting: 9 });
  await enter('a1');
  void enter('a2');
  void enter('a3');
  await leave('a1');
  await leave('a1');
  expect(inside).toEqual(['a1', 'a2']);
});

test('a call is refused if too many are waiting, until one of these is admitted', async () => {
  const { enter, leave, refused, inside } = limiterRig({ running: 1, waiting: 2 });
  await enter('a1');
  for (const who of ['a2', 'a3', 'a4']) void enter(who);
  await callsToldOfEntry();
  expect(refused).toEqual(['a4']);
  await leave('a1');
  for (const who of ['a5', 'a6']) void enter(who);
  await callsToldOfEntry();
  expect(refused).toEqual(['a4', 'a6']);
  expect(inside).toEqual(['a1', 'a2']);
});

test('the limiter is empty when the last call has left, including the calls that waited', async () => {
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
