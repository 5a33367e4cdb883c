import { describe, expect, test } from 'vitest';
import { isCrash, Slots } from '../../../src/runtime/dispatch/slots.ts';

const names = (...functions: readonly string[]) =>
  functions.map((name) => ({ name, kind: 'call' as const }));
const call = (functionName: string) => ({ functionName, kind: 'call' as const });
const delivery = (functionName: string) => ({ functionName, kind: 'delivery' as const });

describe('slots', () => {
  test('are counted for each function and in total', () => {
    const slots = new Slots({ concurrency: 4, perFunctionConcurrency: 2 });
    slots.take(call('a'));
    slots.take(call('b'));
    slots.take(call('b'));
    expect([slots.taken, slots.free]).toEqual([3, 1]);
    expect(
      slots.freeByFunction(
        [...names('a', 'b', 'c'), { name: 'solo', kind: 'call', concurrency: 1 }],
        0,
      ),
    ).toEqual({ a: 1, c: 2, solo: 1 });
    slots.give(call('b'));
    expect([slots.taken, slots.free]).toEqual([2, 2]);
    expect(slots.freeByFunction(names('a', 'b'), 0)).toEqual({ a: 1, b: 1 });
  });

  test('are taken by deliveries to destinations up to a quarter', () => {
    const slots = new Slots({ concurrency: 8, perFunctionConcurrency: 4 });
    const functions = [
      { name: 'a', kind: 'call' },
      { name: 'a:destination', kind: 'delivery', concurrency: 4 },
      { name: 'b:destination', kind: 'delivery', concurrency: 4 },
    ] as const;
    expect(slots.freeByFunction(functions, 0)).toEqual({
      a: 4,
      'a:destination': 2,
      'b:destination': 2,
    });
    slots.take(delivery('a:destination'));
    expect(slots.freeByFunction(functions, 0)).toEqual({
      a: 4,
      'a:destination': 1,
      'b:destination': 1,
    });
    slots.take(delivery('b:destination'));
    expect(slots.freeByFunction(functions, 0)).toEqual({ a: 4 });
    slots.give(delivery('a:destination'));
    expect(slots.freeByFunction(functions, 0)).toEqual({
      a: 4,
      'a:destination': 1,
      'b:destination': 1,
    });
    slots.take(call('a'));
    expect(slots.deliveriesFree).toBe(1);
    slots.give(call('a'));
    expect(slots.deliveriesFree).toBe(1);
  });

  test('allow a delivery even if there is only one slot', () => {
    const slots = new Slots({ concurrency: 1, perFunctionConcurrency: 1 });
    expect(
      slots.freeByFunction([{ name: 'a:destination', kind: 'delivery', concurrency: 4 }], 0),
    ).toEqual({
      'a:destination': 1,
    });
  });
});

describe('a function that crashes', () => {
  const crashing = (crashes: number) => {
    const slots = new Slots({ concurrency: 9, perFunctionConcurrency: 4 });
    return { slots, told: Array.from({ length: crashes }, () => slots.crashed('a', 1000)) };
  };

  test('is held back from the third crash in a row on, twice as long each time, half a minute at most', () => {
    const { told } = crashing(10);
    expect(told.map((held) => held?.delayMs)).toEqual([
      undefined,
      undefined,
      500,
      1000,
      2000,
      4000,
      8000,
      16_000,
      30_000,
      30_000,
    ]);
    expect(told.map((held) => held?.crashes).slice(2)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('then has one run at a time, and all its slots again after a run without a crash', () => {
    const { slots } = crashing(3);
    expect(slots.freeByFunction(names('a', 'b'), 1499)).toEqual({ b: 4 });
    expect(slots.freeByFunction(names('a'), 1500)).toEqual({ a: 1 });
    slots.take(call('a'));
    expect(slots.freeByFunction(names('a'), 1500)).toEqual({});
    slots.ranWell('a');
    expect(slots.freeByFunction(names('a'), 0)).toEqual({ a: 3 });
    slots.give(call('a'));
    expect(slots.freeByFunction(names('a'), 0)).toEqual({ a: 4 });
  });

  test('has its crashes counted from zero after a run without a crash', () => {
    const { slots } = crashing(2);
    slots.ranWell('a');
    expect([slots.crashed('a', 1000), slots.crashed('a', 1000)]).toEqual([undefined, undefined]);
    expect(slots.crashed('a', 1000)).toEqual({ crashes: 3, delayMs: 500 });
  });

  test('keeps its count of crashes while it does not run', () => {
    const { slots } = crashing(2);
    slots.take(call('a'));
    slots.give(call('a'));
    expect(slots.crashed('a', 1000)).toEqual({ crashes: 3, delayMs: 500 });
  });

  test.each([
    ['crash', true],
    ['out-of-memory', true],
    ['init', true],
    ['error', false],
    ['timeout', false],
  ] as const)('is one whose run ended with the reason %s: %s', (reason, is) => {
    expect(isCrash(reason)).toBe(is);
  });
});
