import type { Diagnostic } from './diagnostic.ts';

/** What a step made of one function, or every reason why it made nothing. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
