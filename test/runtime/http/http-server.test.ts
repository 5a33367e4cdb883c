import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpServer, defaultHttpLimits, listen } from '../../../src/runtime/http/http-server.ts';
import type { HttpLimits, RequestHandler } from '../../../src/runtime/http/http-server.ts';

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await server[Symbol.asyncDispose]();
});

async function start(handle: RequestHandler, limits: Partial<HttpLimits> = {}): Promise<number> {
  server = createHttpServer(handle, { ...defaultHttpLimits, ...limits });
  return (await listen(server, 0, '127.0.0.1', '--port')).port;
}

/** A connection of which both ends are seen. The caller's closes only when it is told to. */
async function open(port: number): Promise<{ readonly caller: Socket; readonly accepted: Socket }> {
  const accepting = once(server, 'connection');
  const caller = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [accepted] = (await accepting) as [Socket];
  return { caller, accepted };
}

describe('a refused caller that keeps its side of the connection open', () => {
  test.each([
    ['sends no end of its head', 'GET / HTTP/1.1\r\nHost: a\r\nX: ', '408'],
    ['sends no end of its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf', '408'],
    ['is not HTTP', 'hello\r\n\r\n', '400'],
    ['sends a CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', '405'],
  ])('and %s takes no place for longer than it may linger', async (_what, request, status) => {
    const port = await start(() => {}, { headersTimeoutMs: 50, requestTimeoutMs: 100, lingerTimeoutMs: 20 });
    const { caller, accepted } = await open(port);
    caller.write(request);
    const closed = once(accepted, 'close');
    const [answer] = (await once(caller, 'data')) as [Buffer];
    expect(answer.toString().slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    await closed;
    caller.destroy();
  });
});
