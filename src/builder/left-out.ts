import type { DiagnosticCode } from '../diagnostic/codes.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';

/** Findings that keep a function from being built or run on this machine, but not elsewhere. */
const machineFindings: ReadonlySet<DiagnosticCode> = new Set([
  'GO_MISSING',
  'GO_BINARY_ARCHITECTURE',
]);

/**
 * The findings of a function that failed, for a build with `forThisMachine`: findings that concern
 * this machine alone become warnings, so that the build goes on without the function.
 */
export function asLeftOut(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) =>
    machineFindings.has(diagnostic.code) ? { ...diagnostic, severity: 'warning' } : diagnostic,
  );
}
