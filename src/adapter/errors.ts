import { inspect } from 'node:util';

/** What was thrown, as an Error: Lambda reports name, message and stack, and a thrown string or undefined has none. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`Thrown, and not an Error: ${inspect(thrown)}`, { cause: thrown });
}
