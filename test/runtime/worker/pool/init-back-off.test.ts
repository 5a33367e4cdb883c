import { expect, test } from 'vitest';
import { InitBackOff } from '../../../../src/runtime/worker/pool/init-back-off.ts';

const failure = { reason: 'init', type: 'Error', message: 'no' } as const;

test('the first failures in a row delay nothing', () => {
  const backOff = new InitBackOff();
  backOff.failed(failure, 0);
  backOff.failed(failure, 0);
  expect(backOff.refusal(0)).toBeUndefined();
});

test('after the third failure starts are refused, for a time that doubles up to five seconds', () => {
  const backOff = new InitBackOff();
  const waits: number[] = [];
  for (let failures = 1; failures <= 10; failures += 1) {
    backOff.failed(failure, 1000);
    let wait = 0;
    while (backOff.refusal(1000 + wait) !== undefined) wait += 250;
    waits.push(wait);
  }
  expect(waits).toEqual([0, 0, 250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

test('a start that succeeds ends the refusals', () => {
  const backOff = new InitBackOff();
  for (let failures = 0; failures < 5; failures += 1) backOff.failed(failure, 0);
  expect(backOff.refusal(0)).toEqual({
    ...failure,
    message: 'no (not started again yet: 5 starts in a row have failed)',
  });
  backOff.succeeded();
  expect(backOff.refusal(0)).toBeUndefined();
});
