import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { stackOf } from '../../diagnostic/system-error.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { ByteBudget, ByteShare } from './byte-budget.ts';
import { sendError } from './error-answer.ts';
import { openExchange, type CallerPolicy, type Exchange } from './exchange.ts';
import { declaresMoreThan, readBody, type BodyResult } from './read-body.ts';
import { refusedCall, refusedRequest, type RequestRefusal } from './refusals.ts';
import {
  routedCall,
  routeRequest,
  type CallAnswerer,
  type ServedFunctions,
} from './route-request.ts';

export interface RequestHandlerOptions {
  /** Returns `undefined` until the functions are loaded. */
  readonly deployment: () => ServedFunctions | undefined;
  readonly callerPolicy: CallerPolicy;
  /** The memory that the bodies of all requests may take together. */
  readonly bodyBudget: ByteBudget;
  readonly answerInBackground: CallAnswerer;
  readonly answerSync: CallAnswerer;
  readonly metrics: Pick<Metrics, 'refused'>;
  readonly logs: Pick<LogSink, 'platform'>;
  readonly now: () => number;
}

/**
 * The longest refused body that is read to its end and discarded, so that the caller sees the 413.
 * The connection of a longer body is closed.
 */
const drainableBytes = 16 * 1024 * 1024;

/** Creates the handler of the functions' port, which identifies the caller and answers the call. */
export function createRequestHandler(options: RequestHandlerOptions): RequestListener {
  return (request, response) => {
    // A write to a connection that the caller has closed emits an error. Without a listener it
    // would end the process; the handlers look at `response.destroyed` instead.
    response.on('error', () => {});
    serveRequest(request, response, options).catch((error: unknown) => {
      // A bug of ours: the caller gets 500, the stack is logged, and the runtime goes on.
      options.logs.platform({
        level: 'error',
        text: `Bug in the runtime: ${stackOf(error)}`,
      });
      if (response.headersSent) response.destroy();
      else sendError(response, refusedCall({ reason: 'runtime-failed' }));
    });
  };
}

/** Turns a request into an exchange with an identified caller, and serves the exchange. */
async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: RequestHandlerOptions,
): Promise<void> {
  const deployment = options.deployment();
  if (deployment === undefined) return refuse(response, { reason: 'starting' }, options);
  const exchange = openExchange(request, response, options.callerPolicy);
  if (exchange === undefined) return refuse(response, { reason: 'target-invalid' }, options);
  await serveExchange(exchange, deployment, options);
}

/** Finds the function, receives the body, and answers the call in the background or at once. */
async function serveExchange(
  exchange: Exchange,
  deployment: ServedFunctions,
  options: RequestHandlerOptions,
): Promise<void> {
  const { response } = exchange;
  const route = routeRequest(exchange, deployment);
  if (route.kind === 'refused') return refuse(response, route.refusal, options);
  const { fn } = route;
  const share = options.bodyBudget.open();
  try {
    const received = await receiveBody(exchange, fn, share);
    switch (received.kind) {
      case 'complete': {
        const call = routedCall(exchange, route, received.body, options.now());
        await (fn.mode === 'background'
          ? options.answerInBackground(exchange, call)
          : options.answerSync(exchange, call));
        return;
      }
      case 'too-large':
        return refuseTooLarge(exchange, fn, options);
      case 'overloaded':
        return refuse(response, { reason: 'bodies-full' }, options);
      case 'aborted':
        // The caller is gone. A call is never accepted with half a body.
        response.destroy();
    }
  } finally {
    share.release();
  }
}

function refuse(
  response: ServerResponse,
  refusal: RequestRefusal,
  { metrics }: RequestHandlerOptions,
): void {
  const refused = refusedRequest(refusal);
  metrics.refused(refused.status);
  sendError(response, refused);
}

/**
 * Reads the body within the function's limit, which counts the bytes of the body as they were sent.
 * (AWS limits the whole event, where the same body as base64 is a third longer, so its limit cannot
 * be stated in bytes of the body. The rest of an event is bounded by the size of a request's
 * head.)
 */
function receiveBody(
  { request, response }: Exchange,
  fn: LoadedFunction,
  share: ByteShare,
): Promise<BodyResult> {
  const limit = fn.manifest.maxPayloadBytes;
  if (declaresMoreThan(request, limit)) return Promise.resolve({ kind: 'too-large' });
  if (request.headers.expect !== undefined) response.writeContinue();
  return readBody(request, limit, share);
}

function refuseTooLarge(
  { request, response }: Exchange,
  { name, manifest }: LoadedFunction,
  options: RequestHandlerOptions,
): void {
  const declaredBytes = Number(request.headers['content-length'] ?? Infinity);
  // A caller that waits for 100-continue may never send its body.
  const endsConnection = declaredBytes > drainableBytes || request.headers.expect !== undefined;
  const limitBytes = manifest.maxPayloadBytes;
  refuse(response, { reason: 'body-too-large', name, limitBytes, endsConnection }, options);
  // Discards the rest of the body, which would otherwise be parsed as the next request.
  if (!endsConnection) request.resume();
}
