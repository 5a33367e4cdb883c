// First: it sets the Netlify global before the function's module is evaluated.
import './globals.ts';
import { eventForV1, readCall } from './call.ts';
import { findFunction } from './module.ts';
import { bufferedResult, fitResult, streamingApi, streamResult } from './response.ts';
import { isObject, type AdapterOptions, type LambdaContext, type LambdaHandler, type ProxyResult } from './types.ts';
import { callV1 } from './v1.ts';
import { callV2 } from './v2.ts';

export type { AdapterOptions, LambdaContext, LambdaHandler } from './types.ts';

/** How AWS's runtime client, and bgfn's, know a handler that `awslambda.streamifyResponse` made. */
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');

/**
 * Makes the Lambda handler of a function from its module namespace.
 *
 * A sync function answers with a proxy result, or with a stream where the platform asks for one. A background function's answer is not
 * sent to anybody: the handler resolves to `{ statusCode }` (v2) or nothing (v1), whatever the function returned; what it throws rejects.
 * Throws an Error when the module has no entry.
 */
export function createHandler(module: Record<string, unknown>, options: AdapterOptions): LambdaHandler {
  const fn = findFunction(module, options.name);
  const { background } = options;
  if (fn.kind === 'v1') {
    // Made by stream() of @netlify/functions: it has Lambda's streaming signature, and wrapping it would lose the mark.
    if (streamingMark in fn.handler) return fn.handler as LambdaHandler;
    return async (event, context) => {
      const call = readCall(event, options);
      const result = await callV1(fn.handler, eventForV1(event, call), context);
      if (background) return undefined;
      return isObject(result) ? fitResult(result as unknown as ProxyResult, call.caller) : result;
    };
  }
  const api = background ? undefined : streamingApi();
  if (api) {
    return api.streamifyResponse((event, stream, context: LambdaContext) =>
      callV2(fn, readCall(event, options), context, options, (response, headers) => streamResult(response, headers, stream, api)),
    ) as LambdaHandler;
  }
  return async (event, context) => {
    const call = readCall(event, options);
    return callV2(fn, call, context, options, async (response, headers): Promise<unknown> => {
      if (!background) return bufferedResult(response, headers, call.caller);
      await drain(response);
      return { statusCode: response.status };
    });
  };
}

/** Reads a body to its end, for what its stream does while it is read. */
async function drain(response: Response): Promise<void> {
  // oxlint-disable-next-line no-empty
  for await (const _ of response.body ?? []) {
  }
}
