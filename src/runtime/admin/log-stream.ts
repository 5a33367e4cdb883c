import type { ServerResponse } from 'node:http';
import type { LogFilter, LogStore } from '../../log/log-store.ts';

/** Lines come in bursts; one read of the store serves a burst. */
const gatherMs = 100;
/** Keeps proxies and browsers from giving the stream up. */
const keepAliveMs = 15_000;
/** What a reader that fell behind gets at once; older lines of a flood are left out. */
const mostAtOnce = 5_000;

/**
 * Server-sent events: each line kept by the store as one event, `id` its sequence, `data` the line as JSON. Goes on from `filter.afterSequence`
 * until the reader goes away. `subscribe` tells of new lines.
 */
export function streamLogs(response: ServerResponse, logs: LogStore, filter: LogFilter, subscribe: (listener: () => void) => () => void): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  let after = filter.afterSequence ?? 0;
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  /** Lines came while others were being read or written. */
  let moreCame = false;

  const read = async (limit: number): Promise<void> => {
    timer = undefined;
    reading = true;
    moreCame = false;
    try {
      await logs.flush();
      const lines = await logs.read({ ...filter, afterSequence: after, limit });
      for (const line of lines) {
        after = Math.max(after, line.sequence);
        response.write(`id: ${line.sequence}\ndata: ${JSON.stringify(line)}\n\n`);
      }
      await taken(response);
    } catch {
      // The log file is gone or broken: end the stream, so that the reader asks again and hears about it.
      response.destroy();
    } finally {
      reading = false;
      if (moreCame && !response.destroyed) later();
    }
  };
  const later = (): void => {
    if (reading) moreCame = true;
    else timer ??= setTimeout(() => void read(mostAtOnce), gatherMs);
  };

  const unsubscribe = subscribe(later);
  const beat = setInterval(() => response.write(': still here\n\n'), keepAliveMs);
  response.on('close', () => {
    unsubscribe();
    clearInterval(beat);
    clearTimeout(timer);
  });
  void read(filter.limit ?? mostAtOnce);
}

/** Resolves when the reader has room for more, or has gone: what it does not take must not gather here. */
function taken(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (!response.writableNeedDrain) {
      resolve();
      return;
    }
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}
