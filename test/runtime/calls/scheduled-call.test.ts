import { expect, test } from 'vitest';
import { scheduledCall } from '../../../src/runtime/calls/scheduled-call.ts';
import { loadedFunction } from '../support/loaded-function.ts';

test('the call of the last run has no time of a next run', () => {
  const { body } = scheduledCall(loadedFunction({ name: 'last' }), {
    origin: 'http://localhost:8888',
    clientIp: '127.0.0.1',
    nextRun: null,
  });
  expect(JSON.parse(Buffer.from(body).toString())).toEqual({ next_run: null });
});
