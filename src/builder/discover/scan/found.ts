import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { Entry } from './entry.ts';

/** A function, or a problem with a child of a functions directory. Other children are not found. */
export type Found = { readonly entry: Entry } | { readonly diagnostic: Diagnostic };

export interface ScanProblem {
  /** Default: `error`. */
  readonly severity?: Diagnostic['severity'];
  readonly code: DiagnosticCode;
  readonly file: string;
  readonly message: string;
  readonly hint: string;
  readonly functionName?: string;
}

export function problem({ severity = 'error', file, ...rest }: ScanProblem): Found {
  return { diagnostic: { severity, ...rest, location: { file, line: 1, column: 1 } } };
}
