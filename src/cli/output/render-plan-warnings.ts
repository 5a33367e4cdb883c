import pc from 'picocolors';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';

/** Renders the warnings of a plan for AWS, one line each. */
export function renderPlanWarnings(warnings: readonly Diagnostic[]): string {
  return warnings
    .map(({ message, hint }) => {
      const advice = hint === undefined ? '' : ` ${pc.dim(hint)}`;
      return `${pc.yellow('warning')} ${message}${advice}\n`;
    })
    .join('');
}
