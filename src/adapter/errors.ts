import { inspect } from 'node:util';

/** A value for a message, on one line where possible. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0 }).slice(0, 200);
}

/**
 * A thrown value as an Error: Lambda reports name, message and stack, which a thrown string or
 * undefined does not have.
 */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`Thrown, and not an Error: ${show(thrown)}`, { cause: thrown });
}
