import { once } from 'node:events';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createHttpServer,
  defaultHttpLimits,
  type HttpLimits,
} from '../../../../src/runtime/http/server/http-server.ts';
import { listen } from '../../../../src/runtime/http/server/listen.ts';

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await server[Symbol.asyncDispose]();
});

/** Starts the server and returns its port. */
async function start(handle: RequestListener, limits: Partial<HttpLimits> = {}): Promise<number> {
  server = createHttpServer(handle, { ...defaultHttpLimits, ...limits });
  return (await listen(server, { host: '127.0.0.1', port: 0, portFlag: '--port' })).port;
}

/**
 * Opens a connection and returns both of its ends. The end of the caller closes only when the test
 * closes it.
 */
async function open(port: number): Promise<{ readonly caller: Socket; readonly accepted: Socket }> {
  const accepting = once(server, 'connection');
  const caller = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [accepted] = (await accepting) as [Socket];
  return { caller, accepted };
}

describe('a refused caller that keeps its side of the connection open', () => {
  test.each([
    ['sends no end of its head', 'GET / HTTP/1.1\r\nHost: a\r\nX: ', '408'],
    [
      'sends no end of its body',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
      '408',
    ],
    ['is not HTTP', 'hello\r\n\r\n', '400'],
    ['sends a CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', '405'],
  ])('and %s is disconnected after the linger timeout', async (_what, request, status) => {
    const port = await start(() => {}, {
      headersTimeoutMs: 50,
      requestTimeoutMs: 100,
      lingerTimeoutMs: 20,
    });
    const { caller, accepted } = await open(port);
    caller.write(request);
    const closed = once(accepted, 'close');
    const [answer] = (await once(caller, 'data')) as [Buffer];
    expect(answer.toString().slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    await closed;
    caller.destroy();
  });
});

describe('a caller that waits', () => {
  test('without reading its answer is cut off', async () => {
    const port = await start((_request, response) => response.end(Buffer.alloc(32 * 1024 * 1024)), {
      unreadTimeoutMs: 50,
    });
    const { caller, accepted } = await open(port);
    const closed = once(accepted, 'close');
    caller.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await closed;
    expect(accepted.bytesWritten).toBeGreaterThan(0);
    caller.destroy();
  });

  test('for a slow answer is not cut off', async () => {
    const port = await start(
      (_request, response) => response.once('timeout', () => response.end('late')),
      { unreadTimeoutMs: 50 },
    );
    const { caller } = await open(port);
    caller.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = (await once(caller, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 [^]*late$/);
    caller.destroy();
  });
});

describe('requests that come before the previous one is answered', () => {
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

  /** Collects the requests that reach the handler, so that the test can answer them. */
  function collector(): {
    readonly handle: RequestListener;
    readonly urls: string[];
    readonly next: () => Promise<ServerResponse>;
  } {
    const urls: string[] = [];
    const come: ServerResponse[] = [];
    const wanted: ((response: ServerResponse) => void)[] = [];
    const handle: RequestListener = (request, response) => {
      urls.push(request.url ?? '');
      const take = wanted.shift();
      if (take === undefined) come.push(response);
      else take(response);
    };
    const next = (): Promise<ServerResponse> => {
      const [first] = come.splice(0, 1);
      return first === undefined
        ? new Promise((resolve) => {
            wanted.push(resolve);
          })
        : Promise.resolve(first);
    };
    return { handle, urls, next };
  }

  /** All bytes that arrive until the connection ends. */
  async function received(caller: Socket): Promise<string> {
    let text = '';
    caller.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    caller.on('error', () => {});
    await once(caller, 'close');
    return text;
  }

  test('are handled one after the other', async () => {
    const { handle, urls, next } = collector();
    const { caller } = await open(await start(handle));
    const all = received(caller);
    caller.write(get('/1') + get('/2') + get('/3'));
    (await next()).end('first');
    const second = await next();
    expect(urls).toEqual(['/1', '/2']);
    second.end('second');
    (await next()).writeHead(200, { connection: 'close' }).end('third');
    caller.on('end', () => caller.end());
    expect(await all).toMatch(/first[^]*second[^]*third/);
  });

  test('are not handled if the connection broke meanwhile', async () => {
    const { handle, urls, next } = collector();
    const { caller } = await open(await start(handle));
    caller.write(get('/1') + get('/2') + get('/3'));
    const first = await next();
    const closed = once(first, 'close');
    caller.destroy();
    await closed;
    expect(urls).toEqual(['/1']);
  });

  test('are all read in the end, even if more of them wait than are read at once', async () => {
    const { handle, urls, next } = collector();
    const { caller } = await open(await start(handle));
    caller.resume();
    caller.write(get('/1'));
    const first = await next();
    const count = 5_000;
    caller.write(get('/more').repeat(count));
    first.end();
    for (let answered = 0; answered < count; answered += 1) (await next()).end();
    expect(urls.length).toBe(count + 1);
    caller.destroy();
  });

  test('and are not HTTP add nothing to the answer under way', async () => {
    const { handle, next } = collector();
    const { caller } = await open(await start(handle));
    const all = received(caller);
    caller.write(get('/1'));
    (await next()).write('begun');
    await once(caller, 'data');
    caller.write('garbage\r\n\r\n');
    caller.on('end', () => caller.end());
    expect(await all).toMatch(/\r\n5\r\nbegun\r\n$/);
  });

  test('and are not HTTP get no error that the caller would take for the pending answer', async () => {
    const { handle, next } = collector();
    const { caller } = await open(await start(handle));
    const all = received(caller);
    caller.write(get('/1'));
    await next();
    caller.write('garbage\r\n\r\n');
    caller.on('end', () => caller.end());
    expect(await all).toBe('');
  });
});
