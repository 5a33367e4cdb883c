import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LogFilter, LogStore } from '../../logs/log-store.ts';

/** The wait after the first new line, ms, so that a single read fetches a burst of lines. */
const gatherMs = 100;
/** The interval of comments, ms, which keep proxies and browsers from closing an idle stream. */
const keepAliveMs = 15_000;
/** The highest number of lines in one read. A reader that fell behind gets the newest of a flood. */
const maxLinesAtOnce = 5_000;
/** Leaves most of the 200 connections of the admin port for probes and people. */
const maxStreams = 50;

/** Opens log streams, up to `maxStreams` at once. */
export interface LogStreams {
  /** Begins a stream. Returns false, with nothing written, if too many streams are open. */
  readonly open: (response: ServerResponse, filter: LogFilter) => boolean;
}

/**
 * @param subscribe Calls its listener when there are new lines; returns the function that ends
 *   that.
 */
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
 * Sends log lines as server-sent events (`id`: the sequence of the line, `data`: the line as JSON),
 * from `filter.afterSequence` on, until the reader disconnects. The lines for a slow reader stay in
 * the store, not in memory. The server disconnects a reader that reads nothing.
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
  /** Whether new lines came during a read. */
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
      // Either the reader has disconnected, or the log cannot be read. In the second case the
      // reader connects again after the end of the stream and gets the error.
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
