import { eventForV1, readCall } from './call.ts';
import { toError } from './errors.ts';
import { findFunction } from './module.ts';
import {
  bufferedResult,
  isResponse,
  isStreamified,
  keptResult,
  keptResultOfV1,
  responseOfV1,
  streamingApi,
  streamResult,
} from './response.ts';
import type {
  AdapterOptions,
  EventSupport,
  LambdaContext,
  LambdaHandler,
  UnknownFunction,
} from './types.ts';
import { callV1 } from './v1.ts';
import { callV2, type V2Function } from './v2.ts';

/**
 * Creates the Lambda handler of a function from its module namespace.
 *
 * The handler of a sync function resolves to a proxy result, or writes a stream if the platform
 * asks for streams. The response of a background function has no caller: its handler resolves to
 * the part of the response that is kept for a destination (`keptResult`), and the function has
 * succeeded whatever the status is. The handler rejects with the error that the function throws.
 *
 * @param events Dispatches Netlify's events to the handlers of an object; without `events` only
 *   `fetch` is called
 * @throws {Error} If the module has no entry
 */
export function makeHandler(
  module: Record<string, unknown>,
  options: AdapterOptions,
  events?: EventSupport,
): LambdaHandler {
  const fn = findFunction(module, options.name, events);
  return 'v1' in fn ? createV1(fn.v1, options) : createV2({ fn: fn.v2, events }, options);
}

function createV1(handler: UnknownFunction, options: AdapterOptions): LambdaHandler {
  // stream() of @netlify/functions created the handler. Such a handler has Lambda's streaming
  // signature already, and a wrapper would hide its mark.
  if (isStreamified(handler)) return handler;
  return async (event, context) => {
    const call = readCall(event, options);
    const result = await callV1(handler, eventForV1(event, call), context);
    if (options.background) return isResponse(result) ? keptResult(result) : keptResultOfV1(result);
    // Netlify, bgfn's runtime and API Gateway v1 read the result of a v1 function unchanged.
    const response =
      call.caller === 'proxy' || call.caller === 'direct' ? result : responseOfV1(result);
    return isResponse(response) ? bufferedResult(response, response.headers, call.caller) : result;
  };
}

function createV2(fn: V2Function, options: AdapterOptions): LambdaHandler {
  const api = options.background ? undefined : streamingApi();
  if (api) {
    return api.streamifyResponse((event, stream, context: LambdaContext) =>
      callV2(fn, readCall(event, options), context, options, (response, headers) =>
        streamResult(response, headers, stream, api),
      ).catch(rethrow),
    );
  }
  return async (event, context) => {
    const call = readCall(event, options);
    return callV2(fn, call, context, options, async (response, headers): Promise<unknown> => {
      return options.background
        ? keptResult(response)
        : bufferedResult(response, headers, call.caller);
    }).catch(rethrow);
  };
}

function rethrow(thrown: unknown): never {
  throw toError(thrown);
}
