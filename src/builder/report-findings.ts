import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { BuildEvent } from './build-event.ts';

/**
 * Emits every finding of a build once, and returns the findings when all of them are warnings.
 *
 * @throws {BgfnError} `BUILD_FAILED` with all findings, when one of them is an error
 */
export function reportFindings(
  findings: readonly Diagnostic[],
  emit: (event: BuildEvent) => void,
): readonly Diagnostic[] {
  const diagnostics = withoutDuplicates(findings);
  for (const diagnostic of diagnostics) emit({ type: 'diagnostic', diagnostic });
  const errorCount = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errorCount === 0) return diagnostics;
  const errors = errorCount === 1 ? 'one error' : `${errorCount} errors`;
  throw new BgfnError(
    'BUILD_FAILED',
    `The build failed: ${errors}. Nothing in the output directory was changed.`,
    { diagnostics },
  );
}

/** Keeps one of equal findings: functions that share a file report the same findings about it. */
function withoutDuplicates(findings: readonly Diagnostic[]): Diagnostic[] {
  const byContent = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...byContent.values()];
}
