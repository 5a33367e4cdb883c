import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BackgroundCalls } from '../calls/background-calls.ts';
import type { CallSource, IncomingCall } from '../calls/call.ts';
import { nextRunOf } from '../calls/cron.ts';
import { buildEvent, encodeEvent, type PlatformFacts } from '../calls/event.ts';
import { scheduledCall } from '../calls/scheduled-call.ts';
import type { Deployment } from '../deployment.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { WorkerPool } from '../worker/worker.ts';
import { requestIdHeader, sendError, type ErrorAnswer } from './error-answer.ts';
import type { Limiter } from './limiter.ts';
import {
  declaresMoreThan,
  readBody,
  type BodyBudget,
  type BodyResult,
  type BodyShare,
} from './read-body.ts';
import { parseTarget, type RequestTarget } from './request-target.ts';
import type { RouteMatch } from './routing/router.ts';
import { hostName, isLoopback, type RequestHandler } from './server/http-server.ts';
import { answerSync } from './sync-answer.ts';

export interface FrontOptions {
  /** `undefined` until the functions are loaded. */
  readonly deployment: () => Deployment | undefined;
  readonly background: BackgroundCalls;
  readonly pool: Pick<WorkerPool, 'run'>;
  readonly limiter: Limiter;
  readonly metrics: Metrics;
  readonly tracing: Pick<Tracing, 'accept'>;
  readonly logs: LogSink;
  readonly nextId: (nowMs: number) => string;
  readonly now: () => number;
  /** Callers of this machine are the developer: errors say more. */
  readonly revealErrors: boolean;
  /** Behind a proxy of the operator's: X-Forwarded-For and -Proto are believed. */
  readonly trustProxy: boolean;
  readonly fallbackHost: string;
  /** What the bodies of requests may take together. */
  readonly bodies: BodyBudget;
  /** What whole answers may take together. */
  readonly answers: BodyBudget;
  readonly signal: AbortSignal;
}

/**
 * A body of this many bytes more than allowed is read and thrown away, so that the caller sees the
 * 413; a longer one is cut off.
 */
const drainableBytes = 16 * 1024 * 1024;
const maxIdempotencyKeyLength = 255;

/** The public side: route → read → accept (background) or run (sync) → answer. */
export function createRequestHandler(options: FrontOptions): RequestHandler {
  const discreet: FrontOptions = { ...options, revealErrors: false };
  return (request, response) => {
    response.on('error', () => {});
    handle(request, response, comesFromElsewhere(request) ? discreet : options).catch(
      (error: unknown) => {
        // A bug of ours: the caller gets 500, the log gets the stack, and the runtime lives on.
        options.logs.platform({
          level: 'error',
          text: `Bug in the runtime: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        });
        if (response.headersSent) {
          response.destroy();
        } else {
          sendError(response, {
            status: 500,
            errorType: 'RuntimeError',
            errorMessage: 'The runtime failed to handle this request.',
          });
        }
      },
    );
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: FrontOptions,
): Promise<void> {
  const refuse = (refused: ErrorAnswer): void => {
    options.metrics.refused(refused.status);
    sendError(response, refused);
  };
  const deployment = options.deployment();
  if (deployment === undefined) {
    refuse({
      status: 503,
      errorType: 'Starting',
      errorMessage: 'The runtime is starting.',
      headers: { 'retry-after': '1' },
    });
    return;
  }
  const target = parseTarget(request, protocolOf(request, options), options.fallbackHost);
  if (target === undefined) {
    refuse({
      status: 400,
      errorType: 'BadRequest',
      errorMessage: 'The request target or the Host header is not valid.',
      headers: { connection: 'close' },
    });
    return;
  }
  if (request.method === 'TRACE') {
    // `fetch` knows no such request, so no function could be called with it; and an echo of a caller's headers serves nobody.
    refuse({
      status: 405,
      errorType: 'MethodNotAllowed',
      errorMessage: 'TRACE is not served.',
      headers: { allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT' },
    });
    return;
  }
  const match = deployment.router.match(request.method ?? 'GET', target.path);
  const fn = match.kind === 'function' ? deployment.functions.get(match.name) : undefined;
  if (match.kind !== 'function' || fn === undefined) {
    refuse(refusal(match, request.method ?? 'GET', target, options.revealErrors));
    return;
  }
  if (fn.manifest.schedule !== undefined && !options.revealErrors) {
    refuse(refusal({ kind: 'not-found', similar: [] }, request.method ?? 'GET', target, false));
    return;
  }
  const share = options.bodies.open();
  try {
    const received = await receiveBody(request, response, fn, share);
    if (received.kind !== 'complete') {
      refuseBody(received.kind, request, response, fn, refuse);
    } else {
      await answer(
        fn,
        callOf(request, target, match.pattern, received.body, options.trustProxy),
        request,
        response,
        deployment,
        options,
      );
    }
  } finally {
    share.release();
  }
}

function callOf(
  request: IncomingMessage,
  target: RequestTarget,
  pattern: string | undefined,
  body: Uint8Array,
  trustProxy: boolean,
): IncomingCall {
  return {
    method: request.method ?? 'GET',
    origin: target.origin,
    path: target.path,
    query: target.query,
    rawHeaders: request.rawHeaders,
    body,
    clientIp: clientIpOf(request, trustProxy),
    ...(pattern === undefined ? {} : { route: pattern }),
  };
}

/**
 * A scheduled function has no address on Netlify, so it has none here, but for a developer:
 * `netlify dev` lets it be called and makes of any request the one that the schedule would send.
 */
function answer(
  fn: LoadedFunction,
  call: IncomingCall,
  request: IncomingMessage,
  response: ServerResponse,
  deployment: Deployment,
  options: FrontOptions,
): Promise<void> {
  const { schedule } = fn.manifest;
  const made =
    schedule === undefined
      ? call
      : scheduledCall(fn, {
          origin: call.origin,
          clientIp: call.clientIp,
          nextRun: nextRunOf(schedule, options.now()),
        });
  const from = schedule === undefined ? {} : { nfEvent: 'schedule' };
  if (fn.mode === 'background') return answerBackground(fn, made, request, response, from, options);
  return answerNow(fn, made, response, { ...from, site: deployment.siteHeaders }, options);
}

function receiveBody(
  request: IncomingMessage,
  response: ServerResponse,
  fn: LoadedFunction,
  share: BodyShare,
): Promise<BodyResult> {
  const limit = fn.manifest.maxPayloadBytes;
  if (declaresMoreThan(request, limit)) return Promise.resolve({ kind: 'too-large' });
  if (request.headers.expect !== undefined) response.writeContinue();
  return readBody(request, limit, share);
}

function refuseBody(
  reason: Exclude<BodyResult['kind'], 'complete'>,
  request: IncomingMessage,
  response: ServerResponse,
  fn: LoadedFunction,
  refuse: (answer: ErrorAnswer) => void,
): void {
  switch (reason) {
    case 'too-large':
      refuseTooLarge(request, fn, refuse);
      return;
    case 'overloaded':
      refuse({
        status: 503,
        errorType: 'Overloaded',
        errorMessage: 'The runtime holds too many large requests at the moment.',
        headers: { 'retry-after': '1', connection: 'close' },
      });
      return;
    case 'aborted':
      // Nobody is there to answer; a half request is never accepted.
      response.destroy();
  }
}

/**
 * The limit counts the bytes of the body as they were sent. (AWS counts the whole event, where the
 * same body as base64 is a third longer: a limit nobody could tell a caller. The rest of an event
 * is bounded by the size of a request's head.)
 */
function refuseTooLarge(
  request: IncomingMessage,
  fn: LoadedFunction,
  refuse: (answer: ErrorAnswer) => void,
): void {
  const declared = Number(request.headers['content-length'] ?? Infinity);
  const cutOff = declared > drainableBytes || request.headers.expect !== undefined;
  refuse({
    status: 413,
    errorType: 'PayloadTooLarge',
    errorMessage: `The body of a call of ${fn.name} may have ${fn.manifest.maxPayloadBytes} bytes. Put large data somewhere else and send its address.`,
    ...(cutOff ? { headers: { connection: 'close' } } : {}),
  });
  // Without this the unread rest would be taken for the next request.
  if (!cutOff) request.resume();
}

async function answerBackground(
  fn: LoadedFunction,
  call: IncomingCall,
  request: IncomingMessage,
  response: ServerResponse,
  from: CallSource,
  options: FrontOptions,
): Promise<void> {
  const key = request.headers['idempotency-key'];
  if (
    Array.isArray(key) ||
    (key !== undefined && (key === '' || key.length > maxIdempotencyKeyLength))
  ) {
    sendError(response, {
      status: 400,
      errorType: 'BadRequest',
      errorMessage: `Idempotency-Key has to have from 1 to ${maxIdempotencyKeyLength} characters.`,
    });
    return;
  }
  try {
    const accepted = await options.background.enqueue(fn, call, {
      source: from,
      idempotencyKey: key,
    });
    if (response.destroyed) return;
    response.writeHead(202, { [requestIdHeader]: accepted.id, 'content-length': '0' });
    response.end();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    options.metrics.acceptFailed(fn.name);
    options.logs.platform({
      level: 'error',
      functionName: fn.name,
      text: `A call of ${fn.name} was refused with 503: ${error.message}`,
    });
    sendError(response, {
      status: 503,
      errorType: 'StoreUnavailable',
      errorMessage: 'The call could not be stored, so it was not accepted. Try again later.',
      headers: { 'retry-after': '5' },
    });
  }
}

async function answerNow(
  fn: LoadedFunction,
  call: IncomingCall,
  response: ServerResponse,
  facts: CallSource & Pick<PlatformFacts, 'site'>,
  options: FrontOptions,
): Promise<void> {
  const startedAtMs = options.now();
  const invocationId = options.nextId(startedAtMs);
  const span = options.tracing.accept({
    functionName: fn.name,
    invocationId,
    mode: 'sync',
    method: call.method,
    path: call.path,
    rawHeaders: call.rawHeaders,
  });
  const payload = encodeEvent(buildEvent(call, { ...facts, invocationId, trace: span.headers }));
  const onLog = options.logs.forRun(fn.runnable, invocationId, 1);
  response.once('close', () => {
    // 499 as nginx has it: the caller went away before there was an answer.
    const status = response.headersSent ? response.statusCode : 499;
    options.metrics.sync(fn.name, status, options.now() - startedAtMs);
    span.end({ status });
  });
  await answerSync({ fn, invocationId, payload, onLog }, response, options);
}

function refusal(
  match: RouteMatch,
  method: string,
  target: RequestTarget,
  revealErrors: boolean,
): ErrorAnswer {
  switch (match.kind) {
    case 'method-not-allowed':
      return {
        status: 405,
        errorType: 'MethodNotAllowed',
        errorMessage: `${target.path} does not take ${method}.`,
        headers: { allow: match.allow.join(', ') },
      };
    case 'moved': {
      const where = revealErrors ? ` Its path is ${match.patterns.join(' or ')}.` : '';
      return {
        status: 404,
        errorType: 'FunctionNotFound',
        errorMessage: `The function has a path of its own and is not served at ${target.path}.${where}`,
      };
    }
    case 'not-found': {
      const similar =
        revealErrors && match.similar.length > 0
          ? ` Did you mean ${match.similar.join(' or ')}?`
          : '';
      return {
        status: 404,
        errorType: 'FunctionNotFound',
        errorMessage: `There is no function at ${target.path}.${similar}`,
      };
    }
    case 'function':
      return {
        status: 404,
        errorType: 'FunctionNotFound',
        errorMessage: `There is no function at ${target.path}.`,
      };
  }
}

const forwardingHeaders = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

/**
 * Through a proxy that the operator has not told us of, or by a name that is not this machine's
 * own: the connection alone would say that it is from here.
 */
function comesFromElsewhere({ headers }: IncomingMessage): boolean {
  return (
    forwardingHeaders.some((name) => headers[name] !== undefined) ||
    (headers.host !== undefined && !isLoopback(hostName(headers.host)))
  );
}

function protocolOf(request: IncomingMessage, options: FrontOptions): 'http' | 'https' {
  if (!options.trustProxy) return 'http';
  return lastOf(request.headers['x-forwarded-proto']) === 'https' ? 'https' : 'http';
}

/**
 * The address of the connection; behind a trusted proxy the last entry of X-Forwarded-For, the one
 * that proxy wrote.
 */
function clientIpOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? lastOf(request.headers['x-forwarded-for']) : undefined;
  const address = forwarded ?? request.socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function lastOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  const last = text?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}
