import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LogFilter, LogStore } from '../../logs/log-store.ts';

/** Lines come in bursts; one read of the store serves a burst. */
const gatherMs = 100;
/** Keeps proxies and browsers from giving the stream up. */
const keepAliveMs = 15_000;
/** What a reader that fell behind gets at once; older lines of a flood are left out. */
const mostAtOnce = 5_000;

/** So many of them leave room for the probes and for people among the admin port's connections. */
const mostStreams = 50;

/** The log streams that are open. */
export interface LogStreams {
  /** Begins one; false, and nothing is written, when there are too many. */
  readonly open: (response: ServerResponse, filter: LogFilter) => boolean;
}

/** `subscribe` tells of new lines. */
export function createLogStreams(
  logs: Pick<LogStore, 'flush' | 'read'>,
  subscribe: (listener: () => void) => () => void,
): LogStreams {
  let streams = 0;
  return {
    open(response, filter) {
      if (streams >= mostStreams) return false;
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
 * Server-sent events: each line kept by the store as one event, `id` its sequence, `data` the line
 * as JSON. Goes on from `filter.afterSequence` until the reader goes away. New lines wait in the
 * store, not in memory, for a reader who takes them slowly; one who takes none is cut off by the
 * server.
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
  /** Lines came while others were being sent. */
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
      // The reader is gone; or the log file is gone or broken: end the stream, so that the reader asks again and hears about it.
      response.destroy();
    } finally {
      reading = false;
      if (behind && !response.destroyed) later();
    }
  };
  const later = (): void => {
    timer ??= setTimeout(() => void read(mostAtOnce), gatherMs);
  };

  const unsubscribe = subscribe(later);
  const beat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, keepAliveMs);
  response.on('close', () => {
    gone.abort();
    unsubscribe();
    clearInterval(beat);
    clearTimeout(timer);
  });
  void read(filter.limit ?? mostAtOnce);
}
