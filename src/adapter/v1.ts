import { toError } from './errors.ts';
import { isObject, isFunction, type UnknownFunction } from './types.ts';

/**
 * Calls a v1 handler, which may be async or return its result through the callback. A call of the
 * callback ends the call at once (`callbackWaitsForEmptyEventLoop` is ignored). If a function
 * returns nothing and never calls the callback, the result is null as soon as the event loop is
 * empty, as on AWS Lambda.
 */
export function callV1(
  handler: UnknownFunction,
  event: unknown,
  context: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let ended = false;
    const whenIdle = (): void => resolve(null);
    const end = (error: unknown, result?: unknown): void => {
      ended = true;
      process.off('beforeExit', whenIdle);
      if (error === null || error === undefined) resolve(result);
      else reject(toError(error));
    };
    const fail = (error: unknown): void => end(toError(error));
    try {
      const returned = handler(event, context, end);
      if (isObject(returned) && isFunction(returned['then'])) {
        Promise.resolve(returned).then((result) => end(null, result), fail);
      } else if (returned !== undefined && handler.length < 3) {
        end(null, returned);
      }
      // No listener is added after a call of the callback, because nothing would remove the
      // listener.
      else if (!ended) {
        process.once('beforeExit', whenIdle);
      }
    } catch (error) {
      fail(error);
    }
  });
}
