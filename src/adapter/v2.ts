import { headersOf } from './call.ts';
import { makeContext } from './context.ts';
import { show } from './errors.ts';
import { requestStore } from './globals.ts';
import { paramsOf } from './params.ts';
import { isResponse } from './response.ts';
import {
  isFunction,
  isObject,
  type AdapterOptions,
  type Call,
  type EventSupport,
  type Fields,
  type LambdaContext,
  type UnknownFunction,
} from './types.ts';

/** A v2 function, or an object with handlers, and the support for Netlify's events. */
export interface V2Function {
  readonly fn: UnknownFunction | Fields;
  readonly events: EventSupport | undefined;
}

/** Turns a response into a result, or writes the response to a stream. */
type Deliver<T> = (response: Response, headers: Headers) => Promise<T>;

/**
 * Calls a v2 function and delivers its response. The call is over when the delivery has ended and
 * every `waitUntil` promise has settled. Rejects with the error that the function threw, or with an
 * Error if the result is not a Response.
 */
export async function callV2<T>(
  fn: V2Function,
  call: Call,
  lambda: LambdaContext,
  options: AdapterOptions,
  deliver: Deliver<T>,
): Promise<T> {
  const abort = new AbortController();
  const timer = abortBeforeKill(abort, lambda);
  try {
    const { method } = call;
    const body = /^(GET|HEAD)$/i.test(method) || call.body.length === 0 ? null : call.body;
    const request = new Request(call.url, {
      method,
      headers: headersOf(call.headers),
      body,
      signal: abort.signal,
    });
    const params = paramsOf(options.routes, new URL(call.url).pathname);
    const { context, setCookies, settled } = makeContext(request, params, lambda);
    try {
      const result = await requestStore.run({ context }, () =>
        dispatch(fn, request, context, options.name),
      );
      const response = responseOf(result, options.name);
      const headers = new Headers(response.headers);
      for (const cookie of setCookies) headers.append('set-cookie', cookie);
      return await deliver(response, headers);
    } finally {
      await settled();
    }
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Aborts the request's signal shortly before the platform kills the function: 5 % of the remaining
 * time before it, at most 5 s.
 */
function abortBeforeKill(
  abort: AbortController,
  lambda: LambdaContext,
): NodeJS.Timeout | undefined {
  const remainingMs = lambda.getRemainingTimeInMillis?.();
  if (!remainingMs) return undefined;
  const abortNow = (): void =>
    abort.abort(new DOMException('The function is about to time out.', 'TimeoutError'));
  // Without unref() the timer would keep an event loop alive that has nothing else to wait for.
  return setTimeout(abortNow, remainingMs - Math.min(5_000, remainingMs / 20)).unref();
}

async function dispatch(
  { fn, events }: V2Function,
  request: Request,
  context: unknown,
  name: string,
): Promise<unknown> {
  if (isFunction(fn)) return fn(request, context);
  const slug = request.headers.get('x-netlify-event') ?? '';
  const handler = events?.find(fn, slug);
  if (events && handler) return events.run(slug, request, handler);
  if (isFunction(fn['fetch'])) return fn['fetch'](request, context);
  throw new Error(
    `Function "${name}" handles ${Object.keys(fn).join(', ')}, not ${slug || 'HTTP requests'}. Add a "fetch" handler to its default export.`,
  );
}

function responseOf(result: unknown, name: string): Response {
  if (result === undefined) return new Response(null, { status: 204 });
  if (isResponse(result)) return result;
  const hint =
    isObject(result) && 'statusCode' in result
      ? ' An object with "statusCode" is for "export const handler".'
      : '';
  throw new Error(
    `Function "${name}" returned ${show(result)}. Return a Response or nothing.${hint}`,
  );
}
