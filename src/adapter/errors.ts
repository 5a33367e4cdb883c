import { inspect, types } from 'node:util';

/** What was thrown, as an Error: Lambda reports name, message and stack, and a thrown string or undefined has none. */
export function toError(thrown: unknown): Error {
  return types.isNativeError(thrown) || thrown instanceof Error ? thrown : new Error(`The function threw something that is not an Error: ${inspect(thrown)}`, { cause: thrown });
}
