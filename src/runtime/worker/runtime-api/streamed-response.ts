import type { IncomingMessage } from 'node:http';
import { reportedFailure } from '../failure/reported-failure.ts';
import type { RunFailure, RunResponse } from '../worker.ts';
import {
  httpIntegrationType,
  parsePrelude,
  preludeEnd,
  type ResponseHead,
} from './response-prelude.ts';

/** A streamed response as its worker posts it, without the end of the run, which `Attempt` adds. */
export type StreamedResponse = Omit<Extract<RunResponse, { kind: 'streamed' }>, 'end'>;

const maxPreludeBytes = 1_048_576;

export interface StreamEvents {
  onHead(response: StreamedResponse): void;
  /** The prelude is missing or invalid. */
  onBadHead(message: string): void;
  /** The caller has disconnected: nobody reads the rest of the body. */
  onUnread(): void;
  /**
   * The whole body has arrived. `failure`: the error in the trailers. The stream that the caller
   * reads ends when the promise resolves.
   */
  onEnd(failure: RunFailure | undefined): Promise<void>;
}

/**
 * Reads a response that is posted with `Lambda-Runtime-Function-Response-Mode: streaming`. The body
 * is read at the pace of its reader. When the reader cancels, the rest of the body is read and
 * dropped. The body fails when the connection breaks, or when the worker sends the trailers
 * `Lambda-Runtime-Function-Error-Type` and `-Body` (base64 of JSON).
 */
export function readStreamedResponse(request: IncomingMessage, events: StreamEvents): void {
  const reader = new StreamedResponseReader(request, events);
  request.on('data', (chunk: Buffer) => reader.take(chunk));
  request.on('end', () => reader.end());
  request.on('close', () => reader.close());
}

/**
 * ```text
 * head ---> body ---> unread (its reader has cancelled)
 *  +------> rejected (there is no valid head: an error was answered)
 * ```
 */
class StreamedResponseReader {
  readonly #request: IncomingMessage;
  readonly #events: StreamEvents;
  #phase: 'head' | 'body' | 'unread' | 'rejected' = 'head';
  #headChunks: Buffer[] = [];
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /**
   * The whole request was read. Node's `complete` is no substitute: it is true when the whole
   * request has arrived, and the connection can close before all of it was read.
   */
  #ended = false;

  constructor(request: IncomingMessage, events: StreamEvents) {
    this.#request = request;
    this.#events = events;
  }

  take(chunk: Buffer): void {
    if (this.#phase === 'unread' || this.#phase === 'rejected') return;
    if (this.#phase === 'head') this.#takeHead(chunk);
    else this.#body?.enqueue(chunk);
    if (this.#phase === 'body' && (this.#body?.desiredSize ?? 0) <= 0) this.#request.pause();
  }

  end(): void {
    this.#ended = true;
    if (this.#phase === 'head') this.#endHead();
    if (this.#phase !== 'rejected') void this.#endBody(this.#reportedFailure());
  }

  close(): void {
    if (this.#ended || this.#phase === 'unread') return;
    this.#body?.error(new Error('The worker ended before its response was complete.'));
  }

  get #hasPrelude(): boolean {
    return this.#request.headers['content-type'] === httpIntegrationType;
  }

  #takeHead(chunk: Buffer): void {
    if (!this.#hasPrelude) {
      this.#begin(this.#plainHead(), chunk);
      return;
    }
    this.#headChunks.push(chunk);
    const bytes = this.#headChunks.length === 1 ? chunk : Buffer.concat(this.#headChunks);
    const end = bytes.indexOf(preludeEnd);
    if (end === -1) {
      if (bytes.length > maxPreludeBytes) {
        this.#reject(
          'The streamed response has no end of its prelude (8 NUL bytes) in the first MiB.',
        );
      }
      return;
    }
    const head = parsePrelude(bytes.toString('utf8', 0, end));
    if (head === undefined) {
      this.#reject(
        'The prelude of the streamed response is not a JSON object ' +
          'with statusCode, headers and cookies.',
      );
    } else {
      this.#begin(head, bytes.subarray(end + preludeEnd.length));
    }
  }

  /**
   * Handles a request that ended before its head was complete. Only an empty body without a prelude
   * may end so early.
   */
  #endHead(): void {
    if (this.#hasPrelude) this.#reject('The streamed response ended before its prelude did.');
    else this.#begin(this.#plainHead(), Buffer.alloc(0));
  }

  /** The head of a response without a prelude. */
  #plainHead(): ResponseHead {
    const contentType = this.#request.headers['content-type'] ?? 'application/octet-stream';
    return { statusCode: 200, headers: [['content-type', contentType]] };
  }

  #begin({ statusCode, headers }: ResponseHead, firstBytes: Buffer): void {
    this.#phase = 'body';
    this.#headChunks = [];
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller;
        if (firstBytes.length > 0) controller.enqueue(firstBytes);
      },
      pull: () => void this.#request.resume(),
      cancel: () => {
        this.#phase = 'unread';
        this.#request.resume();
        this.#events.onUnread();
      },
    });
    this.#events.onHead({ kind: 'streamed', statusCode, headers, body });
  }

  #reject(message: string): void {
    this.#phase = 'rejected';
    this.#headChunks = [];
    this.#events.onBadHead(message);
    this.#request.resume();
  }

  #reportedFailure(): RunFailure | undefined {
    const { trailers } = this.#request;
    const type = trailers['lambda-runtime-function-error-type'];
    if (type === undefined) return undefined;
    const document = trailers['lambda-runtime-function-error-body'] ?? '';
    return reportedFailure('error', Buffer.from(document, 'base64'), type);
  }

  async #endBody(failure: RunFailure | undefined): Promise<void> {
    await this.#events.onEnd(failure);
    if (this.#phase === 'unread') return;
    if (failure === undefined) this.#body?.close();
    else this.#body?.error(errorOf(failure));
  }
}

function errorOf(failure: RunFailure): Error {
  const error = new Error(failure.message);
  error.name = failure.type;
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}
