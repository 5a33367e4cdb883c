import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createByteBudget } from '../../../src/runtime/http/byte-budget.ts';
import {
  createHttpServer,
  defaultHttpLimits,
} from '../../../src/runtime/http/server/http-server.ts';
import { listen } from '../../../src/runtime/http/server/listen.ts';
import { syncListener } from './support/sync-listener.ts';

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await server[Symbol.asyncDispose]();
});

test('unread answers are kept up to a limit, and released memory can be used again', async () => {
  const body = 'x'.repeat(32 * 1024 * 1024);
  const answer = syncListener(
    {
      kind: 'succeeded',
      durationMs: 1,
      response: { kind: 'buffered', body: Buffer.from(JSON.stringify({ statusCode: 200, body })) },
    },
    { unreadAnswers: createByteBudget(body.length) },
  );
  server = createHttpServer(
    (request, response) => void answer(request, response),
    defaultHttpLimits,
  );
  const { port } = await listen(server, { host: '127.0.0.1', port: 0, portFlag: '--port' });
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
