import { inspect } from 'node:util';

/** Formats a value for an error message, on one line where possible. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0 }).slice(0, 200);
}

/**
 * Returns a thrown value as an Error. Lambda reports the name, message and stack of an error, which
 * a thrown string or undefined does not have.
 */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`Thrown, and not an Error: ${show(thrown)}`, { cause: thrown });
}
