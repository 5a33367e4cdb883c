import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createLimiter } from '../../../src/runtime/http/limiter.ts';
import { createBodyBudget } from '../../../src/runtime/http/read-body.ts';
import {
  createHttpServer,
  defaultHttpLimits,
  listen,
} from '../../../src/runtime/http/server/http-server.ts';
import {
  answerSync,
  type SyncCall,
  type SyncOptions,
} from '../../../src/runtime/http/sync-answer.ts';
import { manifestFunction } from '../support/artifacts.ts';

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await server[Symbol.asyncDispose]();
});

const { entry } = manifestFunction({ name: 'big' });
const runnable = {
  name: 'big',
  runtime: 'js',
  directory: '',
  handler: '',
  environment: {},
  version: '',
} as const;
const call: SyncCall = {
  fn: { name: 'big', mode: 'sync', manifest: entry, runnable, timeoutMs: 1000 },
  invocationId: 'ID',
  payload: Buffer.alloc(0),
  onLog: () => {},
};

test('answers that nobody reads are held up to a bound, and what is given back can be used again', async () => {
  const body = 'x'.repeat(32 * 1024 * 1024);
  const options: SyncOptions = {
    pool: {
      run: () =>
        Promise.resolve({
          kind: 'succeeded',
          durationMs: 1,
          response: {
            kind: 'buffered',
            body: Buffer.from(JSON.stringify({ statusCode: 200, body })),
          },
        }),
    },
    limiter: createLimiter({ running: 8, waiting: 8 }),
    revealErrors: false,
    signal: new AbortController().signal,
    logs: { platform: () => {} },
    answers: createBodyBudget(body.length),
  };
  server = createHttpServer(
    (_request, response) => void answerSync(call, response, options),
    defaultHttpLimits,
  );
  const { port } = await listen(server, 0, '127.0.0.1', '--port');
  const handled = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const reader = connect(port, '127.0.0.1', () =>
    reader.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  const [, unread] = await handled;
  await once(reader, 'readable');

  const refused = await fetch(`http://127.0.0.1:${port}`);
  expect([refused.status, await refused.json()]).toEqual([
    503,
    { errorType: 'Overloaded', errorMessage: expect.any(String) },
  ]);

  const given = once(unread, 'close');
  reader.destroy();
  await given;
  const answered = await fetch(`http://127.0.0.1:${port}`);
  expect([answered.status, (await answered.text()).length]).toEqual([200, body.length]);
});
