import { toError } from './errors.ts';
import { isObject, isFunction, type UnknownFunction } from './types.ts';

/**
 * Calls a v1 handler, which may be async or answer through its callback. An answer through the
 * callback ends the call at once (`callbackWaitsForEmptyEventLoop` is ignored). A function that
 * returns nothing and never calls back ends with null once the event loop is empty, as on AWS
 * Lambda.
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
      // After an answer through the callback a listener would never be removed.
      else if (!ended) {
        process.once('beforeExit', whenIdle);
      }
    } catch (error) {
      fail(error);
    }
  });
}
