import type { DiagnosticCode } from './codes.ts';

/** Where in a user's file something is. Lines and columns count from 1, as editors do. */
export interface SourceLocation {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters to underline; 1 when unknown. */
  readonly length?: number | undefined;
}

/**
 * One thing a user should know about their own project: what is wrong, where, and what to do.
 * `code` is stable and documented; `message` is one sentence; `hint` says what to do.
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly location?: SourceLocation | undefined;
  /** The function it concerns, when it concerns one. */
  readonly functionName?: string | undefined;
}
