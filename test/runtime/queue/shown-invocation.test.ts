import { expect, test } from 'vitest';
import type { Invocation } from '../../../src/runtime/queue/invocation.ts';
import { shownInvocation } from '../../../src/runtime/queue/shown-invocation.ts';

test('people see a delivery by its name, without the fields that only the runtime needs', () => {
  const delivery: Invocation = {
    kind: 'delivery',
    outcomeOf: 'send',
    id: 'a',
    functionName: 'send:destination',
    acceptedAtMs: 1,
    attempt: 1,
    retry: { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 60 },
    idempotencyKey: undefined,
    replayedAtMs: undefined,
    state: 'succeeded',
    finishedAtMs: 2,
  };
  expect(Object.keys(JSON.parse(JSON.stringify(shownInvocation(delivery))) as object)).toEqual([
    'id',
    'functionName',
    'acceptedAtMs',
    'attempt',
    'retry',
    'state',
    'finishedAtMs',
  ]);
});
