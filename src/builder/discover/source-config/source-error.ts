import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';

/** A range of characters in a file that was read. */
export interface Span {
  readonly file: string;
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/**
 * What stops the reading of one function's source: carried up to where it becomes a diagnostic,
 * never shown as is.
 */
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
    const { file, source, start, end } = this.span;
    return {
      severity: 'error',
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      location: locate(file, source, start, end),
      functionName,
    };
  }
}
