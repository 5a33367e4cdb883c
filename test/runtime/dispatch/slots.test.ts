import { expect, test } from 'vitest';
import { Slots } from '../../../src/runtime/dispatch/slots.ts';

test('deliveries to destinations leave three quarters of the slots to functions', () => {
  const slots = new Slots({ concurrency: 8, perFunctionConcurrency: 4 });
  const functions = [{ name: 'a' }, { name: 'a:destination', concurrency: 4 }, { name: 'b:destination', concurrency: 4 }];
  expect(slots.freeByFunction(functions, 0)).toEqual({ a: 4, 'a:destination': 2, 'b:destination': 2 });
  slots.take('a:destination');
  expect(slots.freeByFunction(functions, 0)).toEqual({ a: 4, 'a:destination': 1, 'b:destination': 1 });
  slots.take('b:destination');
  expect(slots.freeByFunction(functions, 0)).toEqual({ a: 4 });
  slots.give('a:destination');
  expect(slots.freeByFunction(functions, 0)).toEqual({ a: 4, 'a:destination': 1, 'b:destination': 1 });
});

test('even with one slot a delivery can run', () => {
  const slots = new Slots({ concurrency: 1, perFunctionConcurrency: 1 });
  expect(slots.freeByFunction([{ name: 'a:destination', concurrency: 4 }], 0)).toEqual({ 'a:destination': 1 });
});
