import type { DiagnosticCode } from '../diagnostic/codes.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';

/** What keeps a function from being built or run on this machine alone. */
const reasons: ReadonlySet<DiagnosticCode> = new Set(['GO_MISSING', 'GO_BINARY_ARCHITECTURE']);

/**
 * The findings of a function that failed, for a build with `forThisMachine`: what is wrong with
 * this machine alone is a warning there, so the build goes on and leaves the function out.
 */
export function asLeftOut(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) =>
    reasons.has(diagnostic.code) ? { ...diagnostic, severity: 'warning' } : diagnostic,
  );
}
