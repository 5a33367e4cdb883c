import type { ServerResponse } from 'node:http';
import type { Clock } from '../../platform/clock.ts';
import { reportedFailure } from '../failure/reported-failure.ts';
import type { RunFailure } from '../worker.ts';
import {
  givenInvocation,
  type GivenInvocation,
  type OfferedInvocation,
} from './given-invocation.ts';
import {
  sendAccepted,
  collectBody,
  errorTypeOf,
  give,
  refuse,
  refuseOutOfOrder,
  type ApiExchange,
  type RequestBody,
} from './http-messages.ts';
import { callPathOf, parseCall, type RuntimeApiCall } from './runtime-api-call.ts';
import type { RuntimeApiEvents } from './runtime-api-events.ts';
import { readStreamedResponse } from './streamed-response.ts';

/** The largest buffered response, in bytes: AWS's 6 MiB plus the 100 bytes that AWS allows on top. */
const maxResponseBytes = 6_291_556;
const maxErrorBytes = 1_048_576;

/**
 * The state of the conversation between one worker and its Runtime API. Paths, headers, status
 * codes and error types are those of the AWS Lambda Runtime API 2018-06-01 and of Amazon's
 * emulator, which passes the same suite
 * (`test/runtime/worker/runtime-api/suite/runtime-api.suite.ts`): 400 InvalidRequestID for an id
 * that is not running, 403 InvalidStateTransition for a call out of order, 413
 * RequestEntityTooLarge for a response over 6 MB. A worker that asks again before it has answered
 * an invocation gets the same invocation again.
 */
export class RuntimeApiSession {
  /** The value that the `Host` header of every call must have. */
  host = '';
  readonly #clock: Clock;
  readonly #events: RuntimeApiEvents;
  #initialized = false;
  #initFailed = false;
  #offered: OfferedInvocation | undefined;
  /** The invocation that the worker was sent and has not answered yet. */
  #running: GivenInvocation | undefined;
  /** An answer (a response or an error report) is being read. */
  #answering = false;
  /**
   * An answer broke off. The worker may send the answer again, but is not sent the invocation
   * again.
   */
  #broken = false;
  /** The id of the invocation that was answered last, until the worker asks for the next one. */
  #answeredId: string | undefined;
  /** Open calls of `invocation/next`, for which there is no invocation yet. */
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

  handle(exchange: ApiExchange): void {
    const { request, response } = exchange;
    const { method, url = '' } = request;
    response.sendDate = false;
    if (this.#isForeign(exchange)) {
      refuse(exchange, {
        status: 403,
        type: 'Forbidden',
        message: 'Only the worker itself may call this Runtime API.',
      });
      return;
    }
    const call = parseCall(url);
    if (call === undefined) {
      refuse(exchange, {
        status: 404,
        type: 'NotFound',
        message: `There is no ${method} ${url} in the Runtime API.`,
      });
    } else if (method !== call.method) {
      response.setHeader('Allow', call.method);
      refuse(exchange, {
        status: 405,
        type: 'MethodNotAllowed',
        message: `${method} is not a method of ${callPathOf(url)}: ${call.method} is.`,
      });
    } else {
      this.#answerCall(exchange, call);
    }
  }

  /**
   * Recognizes calls of web pages in a browser on this machine, which must not take events. A web
   * page cannot suppress these headers.
   */
  #isForeign({ request: { headers } }: ApiExchange): boolean {
    return (
      headers.host !== this.host ||
      headers.origin !== undefined ||
      headers['sec-fetch-site'] !== undefined
    );
  }

  #answerCall(exchange: ApiExchange, call: RuntimeApiCall): void {
    switch (call.kind) {
      case 'next':
        this.#next(exchange);
        break;
      case 'init-error':
        this.#initError(exchange);
        break;
      case 'response':
        if (this.#expectsAnswer(exchange, call.requestId)) this.#response(exchange);
        break;
      case 'error':
        if (this.#expectsAnswer(exchange, call.requestId)) this.#error(exchange);
        break;
    }
  }

  /** Refuses an answer to an invocation that is not running or is answered already. */
  #expectsAnswer(exchange: ApiExchange, requestId: string): boolean {
    const isRunning = requestId === this.#running?.requestId;
    if (requestId === this.#answeredId || (this.#answering && isRunning)) {
      refuseOutOfOrder(exchange);
      return false;
    }
    if (!isRunning) {
      refuse(exchange, { status: 400, type: 'InvalidRequestID', message: 'Invalid request ID' });
    }
    return isRunning;
  }

  #next(exchange: ApiExchange): void {
    const { response } = exchange;
    if (this.#answering || this.#broken || this.#initFailed) {
      refuseOutOfOrder(exchange);
      return;
    }
    if (this.#running !== undefined) {
      // The connection of the worker broke before the worker had read the event, or the worker
      // starts the invocation again.
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

  #response(exchange: ApiExchange): void {
    const { request } = exchange;
    const mode = request.headers['lambda-runtime-function-response-mode'] ?? '';
    if (mode !== '' && mode !== 'streaming') {
      refuse(exchange, {
        status: 400,
        type: 'InvalidFunctionResponseMode',
        message: 'Invalid function response mode',
      });
      return;
    }
    this.#beginAnswer(exchange);
    if (mode === 'streaming') this.#streamedResponse(exchange);
    else collectBody(request, maxResponseBytes, (body) => this.#bufferedResponse(exchange, body));
  }

  #bufferedResponse(exchange: ApiExchange, body: RequestBody): void {
    this.#answered();
    if (body.kind === 'complete') {
      sendAccepted(exchange.response);
      this.#events.onResponse(body.bytes);
      return;
    }
    const declared = body.declaredBytes === undefined ? '' : ` (${body.declaredBytes} bytes)`;
    const limit = `maximum allowed payload size (${maxResponseBytes} bytes).`;
    refuse(exchange, {
      status: 413,
      type: 'RequestEntityTooLarge',
      message: `Exceeded ${limit}`,
    });
    this.#fail(
      'Function.ResponseSizeTooLarge',
      `Response payload size${declared} exceeded ${limit}`,
    );
  }

  #streamedResponse(exchange: ApiExchange): void {
    const { request, response } = exchange;
    readStreamedResponse(request, {
      onHead: (streamed) => this.#events.onStream(streamed),
      onBadHead: (message) => {
        this.#answered();
        refuse(exchange, { status: 400, type: 'InvalidResponsePrelude', message });
        this.#fail('Runtime.InvalidResponsePrelude', message);
      },
      onUnread: () => {
        // The status 102 informs bgfn's own client that nobody reads the rest. AWS's clients do not
        // expect it, so only a client that asks for it gets it.
        if (request.headers['bgfn-hears-of-unread'] !== undefined) response.writeProcessing();
      },
      onEnd: (failure) => {
        if (!response.writableEnded) {
          this.#answered();
          sendAccepted(response);
        }
        return this.#events.onStreamEnd(failure);
      },
    });
  }

  /** Fails the invocation because its answer is invalid. */
  #fail(type: string, message: string): void {
    this.#events.onFailure({ reason: 'error', type, message }, false);
  }

  #error(exchange: ApiExchange): void {
    this.#beginAnswer(exchange);
    const exiting = exchange.request.headers['bgfn-worker-exiting'] !== undefined;
    this.#readReport(exchange, 'error', (failure) => {
      this.#answered();
      sendAccepted(exchange.response);
      this.#events.onFailure(failure, exiting);
    });
  }

  #initError(exchange: ApiExchange): void {
    if (this.#initialized || this.#initFailed) {
      refuseOutOfOrder(exchange);
      return;
    }
    this.#initFailed = true;
    this.#readReport(exchange, 'init', (failure) => {
      sendAccepted(exchange.response);
      this.#events.onInitFailure(failure);
    });
  }

  #readReport(
    { request }: ApiExchange,
    reason: 'error' | 'init',
    done: (failure: RunFailure) => void,
  ): void {
    collectBody(request, maxErrorBytes, (body) => {
      const document =
        body.kind === 'complete'
          ? body.bytes
          : Buffer.from('The error report was larger than 1 MiB.');
      done(reportedFailure(reason, document, errorTypeOf(request)));
    });
  }

  #beginAnswer({ request }: ApiExchange): void {
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
