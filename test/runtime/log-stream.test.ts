import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogFilter, LogLine, LogStore } from '../../src/log/log-store.ts';
import { streamLogs } from '../../src/runtime/admin/log-stream.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const line = (sequence: number, text = 'line'): LogLine => ({ sequence, atMs: 0, functionName: 'shop', stream: 'stdout', level: 'info', text });

/** A log stream whose reads the test answers one by one. */
class StreamRig {
  readonly response = new ServerResponse(new IncomingMessage(new Socket()));
  readonly #reads: { readonly filter: LogFilter; readonly answer: (lines: readonly LogLine[]) => void }[] = [];
  readonly #waiting: (() => void)[] = [];
  #tell: () => void = () => undefined;

  constructor() {
    const logs: Pick<LogStore, 'flush' | 'read'> = {
      flush: () => Promise.resolve(),
      read: (filter) =>
        new Promise((answer) => {
          this.#reads.push({ filter, answer });
          for (const notify of this.#waiting.splice(0)) notify();
        }),
    };
    streamLogs(this.response, logs as LogStore, {}, (listener) => {
      this.#tell = listener;
      return () => undefined;
    });
  }

  /** Lines were logged, and the time passes that a burst is given. */
  linesCome(): void {
    this.#tell();
    vi.advanceTimersByTime(1000);
  }

  get readsWaiting(): number {
    return this.#reads.length;
  }

  async nextRead() {
    while (this.#reads.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#reads.splice(0, 1)[0]!;
  }

  /** What gathers until a connection takes it. */
  connect(): void {
    const connection = Object.assign(new Writable({ highWaterMark: 1_000_000, write: (_chunk, _encoding, done) => done() }), { setTimeout: () => connection });
    this.response.assignSocket(connection as unknown as Socket);
  }
}

test('lines that come while others are read are read next, without another having to come', async () => {
  const rig = new StreamRig();
  rig.connect();
  const first = await rig.nextRead();
  rig.linesCome();
  first.answer([line(1)]);
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(1000);
  expect((await rig.nextRead()).filter.afterSequence).toBe(1);
});

test('a reader that takes nothing is given nothing more until it does', async () => {
  const rig = new StreamRig();
  (await rig.nextRead()).answer([line(1, 'x'.repeat(100_000))]);
  await new Promise((resolve) => setImmediate(resolve));
  rig.linesCome();
  rig.linesCome();
  await new Promise((resolve) => setImmediate(resolve));
  expect(rig.readsWaiting).toBe(0);
  rig.connect();
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(1000);
  expect((await rig.nextRead()).filter.afterSequence).toBe(1);
});
