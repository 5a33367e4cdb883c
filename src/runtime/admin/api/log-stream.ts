import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LogFilter, LogStore } from '../../logs/log-store.ts';

/** Lines come in bursts: so long after the first one, a single read fetches the whole burst. */
const gatherMs = 100;
/** How often a comment is sent, so that proxies and browsers keep an idle stream open. */
const keepAliveMs = 15_000;
/** Most lines in one read: of a flood, a reader that fell behind gets the newest. */
const maxLinesAtOnce = 5_000;
/** Leaves some of the admin port's 200 connections to probes and people. */
const maxStreams = 50;

/** Opens log streams, up to a number at once. */
export interface LogStreams {
  /** Begins a stream. False, with nothing written, when too many are open. */
  readonly open: (response: ServerResponse, filter: LogFilter) => boolean;
}

/** @param subscribe Calls its listener when there are new lines; returns how to stop that. */
export function createLogStreams(
  logs: Pick<LogStore, 'flush' | 'read'>,
  subscribe: (listener: () => void) => () => void,
): LogStreams {
  let streams = 0;
  return {
    open(response, filter) {
      if (streams >= maxStreams) return false;
      streams += 1;
      response.once('close', () => {
        streams -= 1;
      });
      streamLogs(response, logs, filter, subscribe);
      return true;
    },
  };
}

/**
 * Sends log lines as server-sent events (`id`: the line's sequence, `data`: the line as JSON), from
 * `filter.afterSequence` on, until the reader disconnects. Lines for a slow reader wait in the
 * store, not in memory; the server disconnects a reader who takes nothing.
 */
function streamLogs(
  response: ServerResponse,
  logs: Pick<LogStore, 'flush' | 'read'>,
  filter: LogFilter,
  subscribe: (listener: () => void) => () => void,
): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  let after = filter.afterSequence ?? 0;
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  /** New lines came while others were being sent. */
  let behind = false;
  const gone = new AbortController();

  const read = async (limit: number): Promise<void> => {
    timer = undefined;
    behind = reading;
    if (reading || response.destroyed) return;
    reading = true;
    try {
      await logs.flush();
      for (const line of await logs.read({ ...filter, afterSequence: after, limit })) {
        after = Math.max(after, line.sequence);
        if (!response.write(`id: ${line.sequence}\ndata: ${JSON.stringify(line)}\n\n`)) {
          await once(response, 'drain', { signal: gone.signal });
        }
      }
    } catch {
      // Either the reader is gone, or the log cannot be read: ending the stream makes the reader
      // connect again and get the error.
      response.destroy();
    } finally {
      reading = false;
      if (behind && !response.destroyed) readSoon();
    }
  };
  const readSoon = (): void => {
    timer ??= setTimeout(() => void read(maxLinesAtOnce), gatherMs);
  };

  const unsubscribe = subscribe(readSoon);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, keepAliveMs);
  response.on('close', () => {
    gone.abort();
    unsubscribe();
    clearInterval(heartbeat);
    clearTimeout(timer);
  });
  void read(filter.limit ?? maxLinesAtOnce);
}
