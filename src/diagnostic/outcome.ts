import type { Diagnostic } from './diagnostic.ts';

/** The result of a build step for one function, or every finding that explains its failure. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
