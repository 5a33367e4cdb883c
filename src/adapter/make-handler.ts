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
 * Makes the Lambda handler of a function from its module namespace.
 *
 * The handler of a sync function resolves to a proxy result, or writes a stream where the platform
 * asks for one. The answer of a background function has no caller: its handler resolves to the part
 * kept for a destination (`keptResult`), and the function has succeeded whatever the status. What a
 * function throws rejects the handler. Throws an Error when the module has no entry.
 *
 * @param events Dispatches Netlify's events to an object's handlers; without it only `fetch` is
 *   called
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
  // stream() of @netlify/functions made it: it has Lambda's streaming signature already, and a wrapper would hide its mark.
  if (isStreamified(handler)) return handler;
  return async (event, context) => {
    const call = readCall(event, options);
    const result = await callV1(handler, eventForV1(event, call), context);
    if (options.background) return isResponse(result) ? keptResult(result) : keptResultOfV1(result);
    // Netlify, bgfn's runtime and API Gateway v1 read the result of a v1 function as it is.
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
