import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';

/** A range of characters in a source file. */
export interface Span {
  readonly file: string;
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

export function locationOf({ file, source, start, end }: Span): SourceLocation {
  return locate(file, source, start, end);
}

/** Ends the reading of one function's source. The error becomes a diagnostic of the function. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly hint: string | undefined;

  constructor(code: DiagnosticCode, message: string, span: Span, hint?: string) {
    super(message);
    this.code = code;
    this.span = span;
    this.hint = hint;
  }

  toDiagnostic(functionName: string): Diagnostic {
    const { code, message, hint, span } = this;
    return { severity: 'error', code, message, hint, location: locationOf(span), functionName };
  }
}

/** A source without a usable export: a broken function, or a file of helpers that is no function. */
export class NoHandlerError extends SourceError {
  /**
   * Whether the source shows that it is meant to be a function, by a misspelt export or by a
   * `config`.
   */
  readonly isMeant: boolean;

  constructor(
    code: 'EXPORT_MISSING' | 'EXPORT_INVALID',
    message: string,
    span: Span,
    { hint, isMeant }: { readonly hint: string; readonly isMeant: boolean },
  ) {
    super(code, message, span, hint);
    this.isMeant = isMeant;
  }
}
