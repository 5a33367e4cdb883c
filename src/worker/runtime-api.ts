import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { WorkerClock } from './clock.ts';
import { failureOfReport } from './failure.ts';
import { readStreamedResponse, type StreamedResponse } from './streamed-response.ts';
import type { RunFailure } from './worker.ts';

/** The largest buffered response, in bytes: AWS's 6 MB and the 100 bytes it allows on top. */
const maxResponseBytes = 6_291_556;
const maxErrorBytes = 1_048_576;
const prefix = '/2018-06-01/runtime/';

/** An event for the worker. */
export interface OfferedInvocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly functionArn: string;
}

/** What the worker does, as seen through its Runtime API. */
export interface RuntimeApiEvents {
  /** It asked for an invocation: it is ready. */
  onReady(): void;
  onTaken(): void;
  onResponse(body: Uint8Array): void;
  onStream(response: StreamedResponse): void;
  /** Resolves when the stream seen by the caller may end. */
  onStreamEnd(): Promise<void>;
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
 * Starts the listener. Paths, headers, status codes and error types follow the AWS Lambda Runtime API 2018-06-01:
 * 400 InvalidRequestID for an id that is not running, 403 InvalidStateTransition for a call out of order, 413 for a response past 6 MB.
 */
export async function startRuntimeApi(clock: WorkerClock, events: RuntimeApiEvents): Promise<RuntimeApi> {
  const session = new RuntimeApiSession(clock, events);
  // Go's runtime sends stack traces in a header of up to 1 MB.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 31 - 1, noDelay: true, maxHeaderSize: 2_097_152 }, (request, response) => {
    session.handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Runtime API listens on no port.');
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
  readonly #clock: WorkerClock;
  readonly #events: RuntimeApiEvents;
  #initialized = false;
  #offered: OfferedInvocation | undefined;
  /** The id given out and not yet answered. */
  #running: string | undefined;
  #answering = false;
  #waiting: ServerResponse[] = [];

  constructor(clock: WorkerClock, events: RuntimeApiEvents) {
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
    if (headers.host !== this.host || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
      refuse(request, response, 403, 'Forbidden', 'Only the worker itself may call this Runtime API.');
      return;
    }
    if (method === 'GET' && url === `${prefix}invocation/next`) {
      this.#next(request, response);
      return;
    }
    if (method === 'POST' && url === `${prefix}init/error`) {
      this.#initError(request, response);
      return;
    }
    const [, requestId, action] = method === 'POST' && url.startsWith(`${prefix}invocation/`) ? (/^([^/]+)\/(response|error)$/.exec(url.slice(prefix.length + 11)) ?? []) : [];
    if (requestId === undefined) {
      refuse(request, response, 404, 'NotFound', `There is no ${method} ${url} in the Runtime API.`);
    } else if (requestId !== this.#running) {
      refuse(request, response, 400, 'InvalidRequestID', 'Invalid request ID');
    } else if (this.#answering) {
      refuse(request, response, 403, 'InvalidStateTransition', 'State transition is not allowed');
    } else if (action === 'error') {
      this.#error(request, response);
    } else {
      this.#response(request, response);
    }
  }

  #next(request: IncomingMessage, response: ServerResponse): void {
    if (this.#running !== undefined) {
      refuse(request, response, 403, 'InvalidStateTransition', 'State transition is not allowed');
      return;
    }
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
    this.#running = invocation.requestId;
    const nowMs = this.#clock.nowMs();
    response.writeHead(200, [
      'Content-Type', 'application/json',
      'Content-Length', String(invocation.payload.byteLength),
      'Lambda-Runtime-Aws-Request-Id', invocation.requestId,
      'Lambda-Runtime-Deadline-Ms', String(nowMs + invocation.timeoutMs),
      'Lambda-Runtime-Invoked-Function-Arn', invocation.functionArn,
      'Lambda-Runtime-Trace-Id', traceId(nowMs),
    ]);
    response.end(invocation.payload);
    this.#events.onTaken();
  }

  #response(request: IncomingMessage, response: ServerResponse): void {
    this.#beginAnswer(request);
    if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
      readStreamedResponse(request, {
        onHead: (streamed) => this.#events.onStream(streamed),
        onBadHead: (message) => {
          this.#answered();
          refuse(request, response, 400, 'InvalidResponsePrelude', message);
          this.#events.onFailure({ reason: 'error', type: 'Runtime.InvalidResponsePrelude', message }, false);
        },
        onEnd: () => {
          if (!response.writableEnded) {
            this.#answered();
            accept(response);
          }
          return this.#events.onStreamEnd();
        },
      });
      return;
    }
    readBody(request, maxResponseBytes, (body, size) => {
      this.#answered();
      if (body === undefined) {
        const message = `Response payload size${size === undefined ? '' : ` (${size} bytes)`} exceeded maximum allowed payload size (${maxResponseBytes} bytes).`;
        refuse(request, response, 413, 'Function.ResponseSizeTooLarge', message);
        this.#events.onFailure({ reason: 'error', type: 'Function.ResponseSizeTooLarge', message }, false);
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
      this.#events.onFailure(failureOfReport('error', body ?? Buffer.from('The error report was larger than 1 MiB.'), errorType(request)), exiting);
    });
  }

  #initError(request: IncomingMessage, response: ServerResponse): void {
    if (this.#initialized) {
      refuse(request, response, 403, 'InvalidStateTransition', 'State transition is not allowed');
      return;
    }
    readBody(request, maxErrorBytes, (body) => {
      accept(response);
      this.#events.onInitFailure(failureOfReport('init', body ?? Buffer.from('The error report was larger than 1 MiB.'), errorType(request)));
    });
  }

  #beginAnswer(request: IncomingMessage): void {
    this.#answering = true;
    // An answer that breaks off may be sent again.
    request.once('close', () => {
      if (!request.complete) this.#answering = false;
    });
  }

  #answered(): void {
    this.#running = undefined;
    this.#answering = false;
  }
}

function errorType(request: IncomingMessage): string | undefined {
  const value = request.headers['lambda-runtime-function-error-type'];
  return typeof value === 'string' ? value : undefined;
}

/** Calls `done` once with the whole body, or with `undefined` as soon as it is larger than allowed; the rest is then dropped. */
function readBody(request: IncomingMessage, maxBytes: number, done: (body: Buffer | undefined, size?: number) => void): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) {
    done(undefined, declared);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let tooLarge = false;
  request.on('data', (chunk: Buffer) => {
    if (tooLarge) return;
    size += chunk.length;
    if (size > maxBytes) {
      tooLarge = true;
      chunks.length = 0;
      done(undefined);
    } else {
      chunks.push(chunk);
    }
  });
  request.on('end', () => {
    const [first] = chunks;
    if (!tooLarge) done(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
}

const acceptedBody = '{"status":"OK"}';
const acceptedHeaders = ['Content-Type', 'application/json', 'Content-Length', String(acceptedBody.length)];

function accept(response: ServerResponse): void {
  response.writeHead(202, acceptedHeaders);
  response.end(acceptedBody);
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, type: string, message: string): void {
  request.resume();
  const body = JSON.stringify({ errorMessage: message, errorType: type });
  response.writeHead(status, ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))]);
  response.end(body);
}

/** An X-Ray trace header of its own for each invocation; nothing is sampled. */
function traceId(nowMs: number): string {
  const random = randomUUID().replaceAll('-', '');
  return `Root=1-${Math.floor(nowMs / 1000).toString(16)}-${random.slice(0, 24)};Parent=${random.slice(16)};Sampled=0`;
}
