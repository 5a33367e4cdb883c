import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { createLogStreams } from '../../../../src/runtime/admin/api/log-stream.ts';
import type { LogFilter, LogLine } from '../../../../src/runtime/logs/log-store.ts';

afterEach(() => {
  vi.useRealTimers();
});

const flush = () => Promise.resolve();
const lineOf = (sequence: number, text: string): LogLine => ({
  sequence,
  atMs: 0,
  functionName: 'chatty',
  stream: 'stdout',
  level: 'info',
  text,
});
/** A response whose bytes are not read by a connection. */
const unsent = () => new ServerResponse(new IncomingMessage(new Socket()));

test('lines for a reader that stops reading wait in the store, and all arrive when it continues', async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => lineOf(index + 1, 'x'.repeat(10_000)));
  const read = ({ afterSequence = 0 }: LogFilter) =>
    Promise.resolve(lines.filter(({ sequence }) => sequence > afterSequence));
  const streams = createLogStreams({ flush, read }, () => () => {});
  const server = createServer((_request, response) => streams.open(response, {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1', () =>
    reader.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  const [, response] = await asked;
  await once(reader, 'readable');
  expect(response.writableLength).toBeLessThan(1_000_000);

  const chunks: string[] = [];
  for await (const chunk of reader.setEncoding('latin1')) {
    chunks.push(String(chunk).replaceAll(/x+/g, 'x'));
    if (chunks.slice(-2).join('').includes('id: 2000\n')) break;
  }
  expect(Array.from(chunks.join('').matchAll(/^id: (\d+)$/gm), ([, id]) => Number(id))).toEqual(
    lines.map(({ sequence }) => sequence),
  );
  await server[Symbol.asyncDispose]();
});

test('a line that is written while others are being read is sent too', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  let tell = (): void => {};
  const reads: ((lines: readonly LogLine[]) => void)[] = [];
  const read = () =>
    new Promise<readonly LogLine[]>((resolve) => {
      reads.push(resolve);
    });
  const streams = createLogStreams({ flush, read }, (listener) => {
    tell = listener;
    return () => {};
  });
  streams.open(unsent(), {});
  await flush();
  tell();
  await vi.advanceTimersByTimeAsync(100);
  expect(reads.length).toBe(1);
  reads[0]?.([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(reads.length).toBe(2);
});

test('at most 50 streams are open, and the end of a stream makes room for another', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  const streams = createLogStreams({ flush, read: () => Promise.resolve([]) }, () => () => {});
  const responses = Array.from({ length: 60 }, unsent);
  expect(responses.map((response) => streams.open(response, {})).indexOf(false)).toBe(50);
  const [first] = responses;
  first?.emit('close');
  expect([streams.open(unsent(), {}), streams.open(unsent(), {})]).toEqual([true, false]);
});
