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
  /** `undefined` until the functions are loaded. */
  readonly deployed: () => ServedFunctions | undefined;
  readonly callers: CallerPolicy;
  /** What the bodies of all requests may take together. */
  readonly bodies: ByteBudget;
  readonly answerInBackground: CallAnswerer;
  readonly answerSync: CallAnswerer;
  readonly metrics: Pick<Metrics, 'refused'>;
  readonly logs: Pick<LogSink, 'platform'>;
  readonly now: () => number;
}

/**
 * A body that is longer than allowed, but no longer than this, is read and thrown away, so that the
 * caller sees the 413; a longer one is cut off.
 */
const drainableBytes = 16 * 1024 * 1024;

/** Makes the handler of the functions' port: it identifies the caller and answers its call. */
export function createRequestHandler(options: RequestHandlerOptions): RequestListener {
  return (request, response) => {
    response.on('error', () => {});
    handle(request, response, options).catch((error: unknown) => {
      // A bug of ours: the caller gets 500, the log gets the stack, and the runtime lives on.
      options.logs.platform({
        level: 'error',
        text: `Bug in the runtime: ${stackOf(error)}`,
      });
      if (response.headersSent) response.destroy();
      else sendError(response, refusedCall({ reason: 'runtime-failed' }));
    });
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: RequestHandlerOptions,
): Promise<void> {
  const deployed = options.deployed();
  if (deployed === undefined) return refuse(response, { reason: 'starting' }, options);
  const exchange = openExchange(request, response, options.callers);
  if (exchange === undefined) return refuse(response, { reason: 'target-invalid' }, options);
  await answer(exchange, deployed, options);
}

/** Route → receive the body → answer, in the background or at once. */
async function answer(
  exchange: Exchange,
  deployed: ServedFunctions,
  options: RequestHandlerOptions,
): Promise<void> {
  const { response } = exchange;
  const route = routeRequest(exchange, deployed);
  if (route.kind === 'refused') return refuse(response, route.refusal, options);
  const { fn } = route;
  const share = options.bodies.open();
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
        // Nobody is there to answer; a half request is never accepted.
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
 * (AWS counts the whole event, where the same body as base64 is a third longer: a limit nobody
 * could tell a caller. The rest of an event is bounded by the size of a request's head.)
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
  // Without this the unread rest would be taken for the next request.
  if (!endsConnection) request.resume();
}
