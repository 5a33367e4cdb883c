import { expect, test } from 'vitest';
import { pickFairly, type WaitingFunction } from '../../../src/runtime/queue/fair-picks.ts';

const waiting = (
  functionName: string,
  dueAtMs: number[],
  running = 0,
  lastClaim = 0,
): WaitingFunction => ({ functionName, kind: 'call', dueAtMs, running, lastClaim });

/** The deliveries of a function, all due before any call. */
const deliveriesOf = (functionName: string, lastClaim: number): WaitingFunction => ({
  ...waiting(`${functionName}:destination`, [1, 1], 0, lastClaim),
  kind: 'delivery',
});

test('the oldest goes first among equals', () => {
  expect(pickFairly([waiting('a', [5]), waiting('b', [3])], 1)).toEqual(['b']);
});

test('functions take turns, however much one of them has waiting', () => {
  expect(pickFairly([waiting('flood', [1, 1, 1, 1]), waiting('rare', [9])], 3)).toEqual([
    'flood',
    'rare',
    'flood',
  ]);
});

test('a function with fewer running invocations goes first', () => {
  expect(pickFairly([waiting('busy', [1, 1, 1], 2), waiting('idle', [9, 9, 9], 0)], 3)).toEqual([
    'idle',
    'idle',
    'busy',
  ]);
});

test('among functions with equally many running, the one whose last claim is older goes first', () => {
  expect(pickFairly([waiting('a', [1], 0, 8), waiting('b', [2], 0, 7)], 1)).toEqual(['b']);
});

test('picks end when nothing is waiting any more', () => {
  expect(pickFairly([waiting('a', [1])], 10)).toEqual(['a']);
  expect(pickFairly([], 10)).toEqual([]);
});

test('the deliveries of all functions share one limit, and take turns', () => {
  const some = [
    deliveriesOf('a', 9),
    deliveriesOf('b', 8),
    deliveriesOf('c', 7),
    waiting('work', [9, 9, 9]),
  ];
  expect(pickFairly(some, 8, 2)).toEqual([
    'work',
    'c:destination',
    'b:destination',
    'work',
    'work',
  ]);
  expect(pickFairly(some, 8, 0)).toEqual(['work', 'work', 'work']);
});
