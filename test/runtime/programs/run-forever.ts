import process from 'node:process';
import { createDispatcher } from '../../../src/runtime/dispatch/dispatcher.ts';
import { describeOwner } from '../../../src/runtime/dispatch/owner.ts';
import { systemClock } from '../../../src/runtime/platform/clock.ts';
import { openSqliteStore } from '../../../src/runtime/queue/sqlite/open-sqlite-store.ts';

/** A runtime whose functions never end: prints each run it starts, until it is killed. */
const store = await openSqliteStore({ file: process.argv[2] ?? '' });
const runnable = {
  name: 'send',
  runtime: 'js',
  directory: '/nowhere',
  handler: 'send.handler',
  environment: {},
  version: '1',
} as const;
const dispatcher = createDispatcher({
  store,
  owner: describeOwner(Date.now()),
  clock: systemClock,
  concurrency: 10,
  perFunctionConcurrency: 10,
  functions: () =>
    new Map([['send', { kind: 'call', name: 'send', timeoutMs: 900_000, runnable }]]),
  run: (_fn, request) => {
    console.log(request.invocationId);
    return new Promise(() => undefined);
  },
  logs: { forRun: () => () => undefined },
});
await dispatcher.start();
