import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../platform/clock.ts';
import { http } from '../../platform/node-http.ts';
import { failureOfReport } from '../failure/failure.ts';
import type { RunFailure } from '../worker.ts';
import {
  givenInvocation,
  type GivenInvocation,
  type OfferedInvocation,
} from './given-invocation.ts';
import { accept, errorTypeOf, give, outOfOrder, readBody, refuse } from './runtime-api-http.ts';
import { readStreamedResponse, type StreamedResponse } from './streamed-response.ts';

/** The largest buffered response, in bytes: AWS's 6 MB and the 100 bytes it allows on top. */
const maxResponseBytes = 6_291_556;
const maxErrorBytes = 1_048_576;
const prefix = '/2018-06-01/runtime/';
const responseMode = 'lambda-runtime-function-response-mode';

/** What the worker does, as seen through its Runtime API. */
export interface RuntimeApiEvents {
  /** It asked for an invocation: it is ready. */
  onReady(): void;
  onTaken(): void;
  onResponse(body: Uint8Array): void;
  onStream(response: StreamedResponse): void;
  /**
   * `failure`: what the worker said in the trailers. Resolves when the stream seen by the caller
   * may end.
   */
  onStreamEnd(failure: RunFailure | undefined): Promise<void>;
  /** It asked for another invocation after it had answered one: it is done with that one. */
  onAskedAgain(): void;
  /** `exiting`: it said that it will end now and takes nothing more. */
  onFailure(failure: RunFailure, exiting: boolean): void;
  onInitFailure(failure: RunFailure): void;
}

/** The Lambda Runtime API of one worker: a listener on a port of 127.0.0.1 of its own. */
export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Gives the event to the worker as soon as it asks. One at a time. */
  offer(invocation: OfferedInvocation): void;
  close(): void;
}

/**
 * Starts the listener. Paths, headers, status codes and error types follow the AWS Lambda Runtime
 * API 2018-06-01, and Amazon's emulator of it, which passes the same suite
 * (`test/runtime/worker/runtime-api/suite/runtime-api.suite.ts`): 400 InvalidRequestID for an id
 * that is not running, 403 InvalidStateTransition for a call out of order, 413
 * RequestEntityTooLarge for a response past 6 MB. A runtime that asks again before it has answered
 * gets the same invocation again.
 */
export async function startRuntimeApi(clock: Clock, events: RuntimeApiEvents): Promise<RuntimeApi> {
  const session = new RuntimeApiSession(clock, events);
  // Go's runtime sends stack traces in a header of up to 1 MB.
  const server = http.createServer(
    {
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      connectionsCheckingInterval: 2 ** 31 - 1,
      noDelay: true,
      maxHeaderSize: 2_097_152,
    },
    (request, response) => {
      session.handle(request, response);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The Runtime API listens on no port.');
  }
  session.host = `127.0.0.1:${address.port}`;
  return {
    address: session.host,
    offer: (invocation) => session.offer(invocation),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

class RuntimeApiSession {
  host = '';
  readonly #clock: Clock;
  readonly #events: RuntimeApiEvents;
  #initialized = false;
  #initFailed = false;
  #offered: OfferedInvocation | undefined;
  /** Given out and not yet answered. */
  #running: GivenInvocation | undefined;
  #answering = false;
  /** An answer broke off: it may be sent again, but the invocation is not given out again. */
  #broken = false;
  /** The id answered last, until the next invocation is asked for. */
  #answeredId: string | undefined;
  #waiting: ServerResponse[] = [];

  constructor(clock: Clock, events: RuntimeApiEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  offer(invocation: OfferedInvocation): void {
    this.#offered = invocation;
    const response = this.#waiting.shift();
    if (response !== undefined) this.#giveOut(response);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    response.sendDate = false;
    const { headers, method, url = '' } = request;
    // A web page in a browser on this machine must not take events: it cannot hide these headers.
    if (
      headers.host !== this.host ||
      headers.origin !== undefined ||
      headers['sec-fetch-site'] !== undefined
    ) {
      refuse(
        request,
        response,
        403,
        'Forbidden',
        'Only the worker itself may call this Runtime API.',
      );
      return;
    }
    const path = url.startsWith(prefix) ? (url.slice(prefix.length).split('?', 1)[0] ?? '') : '';
    const [, requestId, action] = /^invocation\/([^/]*)\/(response|error)$/.exec(path) ?? [];
    const wanted =
      path === 'invocation/next'
        ? 'GET'
        : path === 'init/error' || requestId !== undefined
          ? 'POST'
          : undefined;
    if (wanted === undefined) {
      refuse(
        request,
        response,
        404,
        'NotFound',
        `There is no ${method} ${url} in the Runtime API.`,
      );
    } else if (method !== wanted) {
      response.setHeader('Allow', wanted);
      refuse(
        request,
        response,
        405,
        'MethodNotAllowed',
        `${method} is not a method of ${path}: ${wanted} is.`,
      );
    } else if (wanted === 'GET') {
      this.#next(request, response);
    } else if (requestId === undefined) {
      this.#initError(request, response);
    } else {
      this.#answer(request, response, requestId, action === 'error');
    }
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    isError: boolean,
  ): void {
    const mode = request.headers[responseMode];
    if (
      requestId === this.#answeredId ||
      (this.#answering && requestId === this.#running?.requestId)
    ) {
      outOfOrder(request, response);
    } else if (requestId !== this.#running?.requestId) {
      refuse(request, response, 400, 'InvalidRequestID', 'Invalid request ID');
    } else if (isError) {
      this.#error(request, response);
    } else if (mode !== undefined && mode !== '' && mode !== 'streaming') {
      refuse(
        request,
        response,
        400,
        'InvalidFunctionResponseMode',
        'Invalid function response mode',
      );
    } else {
      this.#response(request, response, mode === 'streaming');
    }
  }

  #next(request: IncomingMessage, response: ServerResponse): void {
    if (this.#answering || this.#broken || this.#initFailed) {
      outOfOrder(request, response);
      return;
    }
    if (this.#running !== undefined) {
      // Its connection broke before it had read the event, or it means to begin again.
      give(response, this.#running);
      return;
    }
    if (this.#answeredId !== undefined) this.#events.onAskedAgain();
    this.#answeredId = undefined;
    if (this.#offered === undefined) {
      this.#waiting.push(response);
      response.once('close', () => {
        this.#waiting = this.#waiting.filter((other) => other !== response);
      });
    }
    if (!this.#initialized) {
      this.#initialized = true;
      this.#events.onReady();
    }
    if (this.#offered !== undefined && !response.writableEnded) this.#giveOut(response);
  }

  #giveOut(response: ServerResponse): void {
    const invocation = this.#offered;
    if (invocation === undefined) return;
    this.#offered = undefined;
    this.#running = givenInvocation(invocation, this.#clock.nowMs());
    give(response, this.#running);
    this.#events.onTaken();
  }

  #response(request: IncomingMessage, response: ServerResponse, streaming: boolean): void {
    this.#beginAnswer(request);
    if (streaming) {
      readStreamedResponse(request, {
        onHead: (streamed) => this.#events.onStream(streamed),
        onBadHead: (message) => {
          this.#answered();
          refuse(request, response, 400, 'InvalidResponsePrelude', message);
          this.#events.onFailure(
            { reason: 'error', type: 'Runtime.InvalidResponsePrelude', message },
            false,
          );
        },
        onUnread: () => {
          // To our own client a 102 says that nobody reads the rest. AWS's clients know no such thing and are left alone.
          if (request.headers['bgfn-hears-of-unread'] !== undefined) response.writeProcessing();
        },
        onEnd: (failure) => {
          if (!response.writableEnded) {
            this.#answered();
            accept(response);
          }
          return this.#events.onStreamEnd(failure);
        },
      });
      return;
    }
    readBody(request, maxResponseBytes, (body, size) => {
      this.#answered();
      if (body === undefined) {
        const message = `Response payload size${size === undefined ? '' : ` (${size} bytes)`} exceeded maximum allowed payload size (${maxResponseBytes} bytes).`;
        refuse(
          request,
          response,
          413,
          'RequestEntityTooLarge',
          `Exceeded maximum allowed payload size (${maxResponseBytes} bytes).`,
        );
        this.#events.onFailure(
          { reason: 'error', type: 'Function.ResponseSizeTooLarge', message },
          false,
        );
        return;
      }
      accept(response);
      this.#events.onResponse(body);
    });
  }

  #error(request: IncomingMessage, response: ServerResponse): void {
    this.#beginAnswer(request);
    const exiting = request.headers['bgfn-worker-exiting'] !== undefined;
    readBody(request, maxErrorBytes, (body) => {
      this.#answered();
      accept(response);
      this.#events.onFailure(
        failureOfReport(
          'error',
          body ?? Buffer.from('The error report was larger than 1 MiB.'),
          errorTypeOf(request),
        ),
        exiting,
      );
    });
  }

  #initError(request: IncomingMessage, response: ServerResponse): void {
    if (this.#initialized || this.#initFailed) {
      outOfOrder(request, response);
      return;
    }
    this.#initFailed = true;
    readBody(request, maxErrorBytes, (body) => {
      accept(response);
      this.#events.onInitFailure(
        failureOfReport(
          'init',
          body ?? Buffer.from('The error report was larger than 1 MiB.'),
          errorTypeOf(request),
        ),
      );
    });
  }

  #beginAnswer(request: IncomingMessage): void {
    this.#answering = true;
    request.once('close', () => {
      if (request.complete) return;
      this.#answering = false;
      this.#broken = true;
    });
  }

  #answered(): void {
    this.#answeredId = this.#running?.requestId;
    this.#running = undefined;
    this.#answering = false;
    this.#broken = false;
  }
}
