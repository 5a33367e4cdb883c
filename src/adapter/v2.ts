import { inspect } from 'node:util';
import { headersOf } from './call.ts';
import { makeContext } from './context.ts';
import { toError } from './errors.ts';
import { requestStore } from './globals.ts';
import type { UserFunction } from './module.ts';
import { eventHandlerOf, handleEvent } from './netlify-events.ts';
import { paramsOf } from './params.ts';
import { isResponse } from './response.ts';
import { isFunction, isObject, type AdapterOptions, type Call, type LambdaContext } from './types.ts';

type V2Function = Exclude<UserFunction, { kind: 'v1' }>;

/** Takes a response to where it goes: into a result, or onto a stream. */
type Deliver<T> = (response: Response, headers: Headers) => Promise<T>;

/** How long before the kill `req.signal` aborts: a twentieth of the time there is, five seconds at most. */
const marginMs = (remainingMs: number): number => Math.min(5_000, remainingMs / 20);

/**
 * Calls a v2 function and delivers its response; the call is over when that and every `waitUntil` promise are done.
 * Rejects with what the function threw, or with an Error saying that what it returned is no Response.
 */
export async function callV2<T>(fn: V2Function, call: Call, lambda: LambdaContext, options: AdapterOptions, deliver: Deliver<T>): Promise<T> {
  const abort = new AbortController();
  const remainingMs = lambda.getRemainingTimeInMillis?.() ?? Infinity;
  const timeout = (): void => abort.abort(new DOMException('The function is about to run out of time.', 'TimeoutError'));
  // setTimeout takes 31 bits. Unref: the timer alone does not keep a function running whose event loop is empty.
  const timer = remainingMs < 2 ** 31 ? setTimeout(timeout, remainingMs - marginMs(remainingMs)).unref() : undefined;
  try {
    const request = requestOf(call, abort.signal);
    const routes = call.route === undefined ? options.routes : [call.route];
    const { context, applyCookies, settled } = makeContext(request, paramsOf(routes, new URL(request.url).pathname), lambda);
    try {
      const result = await requestStore.run({ context }, () => dispatch(fn, request, context, options.name));
      const response = responseOf(result, options.name);
      const headers = new Headers(response.headers);
      applyCookies(headers);
      return await deliver(response, headers);
    } finally {
      await settled();
    }
  } catch (error) {
    throw toError(error);
  } finally {
    clearTimeout(timer);
  }
}

function requestOf(call: Call, signal: AbortSignal): Request {
  const body = call.method === 'GET' || call.method === 'HEAD' ? undefined : call.body;
  return new Request(call.url, { method: call.method, headers: headersOf(call), signal, ...(body !== undefined && { body }) });
}

async function dispatch(fn: V2Function, request: Request, context: unknown, name: string): Promise<unknown> {
  if (fn.kind === 'v2') return fn.handler(request, context);
  const slug = request.headers.get('x-netlify-event') ?? '';
  const handler = eventHandlerOf(fn.handlers, slug);
  if (handler) return handleEvent(slug, request, handler);
  if (isFunction(fn.handlers['fetch'])) return fn.handlers['fetch'](request, context);
  const got = slug === '' ? 'an HTTP request' : `the event "${slug}"`;
  throw new Error(`Function "${name}" got ${got} and handles only ${Object.keys(fn.handlers).join(', ')}. Add a "fetch" handler to its default export.`);
}

function responseOf(result: unknown, name: string): Response {
  if (result === undefined) return new Response(null, { status: 204 });
  if (isResponse(result)) return result;
  const hint = isObject(result) && 'statusCode' in result ? ' (an object with "statusCode" is what "export const handler" returns)' : '';
  throw new Error(`Function "${name}" returned ${inspect(result, { depth: 0 }).slice(0, 200)}; return a Response or nothing${hint}.`);
}
