import type { DiagnosticCode } from './codes.ts';

/** A place in a file of the user. Lines and columns count from 1, as in editors. */
export interface SourceLocation {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The number of characters to underline; undefined counts as 1. */
  readonly length?: number | undefined;
}

/**
 * One finding about the user's own project: what is wrong, where, and what to do. `code` is stable
 * and documented, `message` is one sentence, `hint` says what to do.
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly location?: SourceLocation | undefined;
  /** The function that the finding concerns; undefined for a finding about the whole project. */
  readonly functionName?: string | undefined;
}
