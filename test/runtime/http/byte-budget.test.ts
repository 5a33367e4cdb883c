import { expect, test } from 'vitest';
import { createByteBudget } from '../../../src/runtime/http/byte-budget.ts';

test('the bodies share one limit, and released bytes can be taken again', () => {
  const budget = createByteBudget(100);
  const [first, second] = [budget.open(), budget.open()];
  expect([first.take(60), second.take(60), second.take(40), first.take(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  first.release();
  first.release();
  expect([second.take(60), second.take(1)]).toEqual([true, false]);
});
