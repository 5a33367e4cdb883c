import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { Entry } from './entry.ts';

/** What one child of a functions directory is, if it is anything to bgfn. */
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
