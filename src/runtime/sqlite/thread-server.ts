import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { assumeType } from '../platform/assume-type.ts';
import { encodeError, helloId, type ThreadAnswer, type ThreadRequest } from './thread-protocol.ts';

/** The handler of the requests to a database thread. */
export interface BatchHandler {
  /**
   * Answers every request, in any order, and does not throw. The requests may share one transaction
   * (group commit).
   */
  run(requests: readonly ThreadRequest[]): readonly ThreadAnswer[];
  /**
   * Called for upkeep when there was no request for a while. If it returns true, there is more to
   * do and it is called again, unless a request comes first.
   */
  idle?(): boolean;
  /** The time without a request after which `idle` is called, ms. Default 250. */
  readonly idleAfterMs?: number | undefined;
  close(): void;
}

/** The highest number of requests in one transaction, which bounds how long the first request waits. */
const maxBatch = 256;
const defaultIdleAfterMs = 250;

/** Opens the database and serves the requests of the main thread, each time all that are waiting. */
export function serveBatches(open: () => BatchHandler): void {
  if (parentPort === null) {
    throw new Error('This program runs as a worker thread.');
  }
  const port = parentPort;
  let handler: BatchHandler;
  try {
    handler = open();
  } catch (error) {
    port.postMessage([{ id: helloId, error: encodeError(error) }]);
    port.close();
    return;
  }
  let idleTimer: NodeJS.Timeout | undefined;
  const rest = (delayMs: number): void => {
    idleTimer = setTimeout(() => {
      if (handler.idle?.() === true) rest(0);
    }, delayMs);
  };
  port.on('message', (first: readonly ThreadRequest[]) => {
    clearTimeout(idleTimer);
    let waiting = takeWaiting(port, first);
    while (waiting.length > 0) {
      const closing = answerAll(port, handler, waiting);
      if (closing) {
        return;
      }
      waiting = takeWaiting(port, []);
    }
    rest(handler.idleAfterMs ?? defaultIdleAfterMs);
  });
  port.postMessage([{ id: helloId, value: undefined }]);
}

function takeWaiting(port: MessagePort, first: readonly ThreadRequest[]): ThreadRequest[] {
  const requests = [...first];
  while (requests.length < maxBatch) {
    const next = receiveMessageOnPort(port);
    if (next === undefined) {
      break;
    }
    requests.push(...assumeType<readonly ThreadRequest[]>(next.message));
  }
  return requests;
}

/** Answers all requests. Returns true if one of them closed the database. */
function answerAll(
  port: MessagePort,
  handler: BatchHandler,
  requests: readonly ThreadRequest[],
): boolean {
  const close = requests.find((request) => request.method === 'close');
  const rest = requests.filter((request) => request.method !== 'close');
  if (rest.length > 0) {
    port.postMessage(handler.run(rest));
  }
  if (close === undefined) {
    return false;
  }
  try {
    handler.close();
    port.postMessage([{ id: close.id, value: undefined }]);
  } catch (error) {
    port.postMessage([{ id: close.id, error: encodeError(error) }]);
  }
  port.close();
  return true;
}
