import pc from 'picocolors';
import type { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

/** Renders a failed command: the diagnostics first, then the error itself. */
export function renderError(error: BgfnError): string {
  const hint =
    error.hint === undefined ? '' : `  ${pc.cyan('→')} ${error.hint.replaceAll('\n', '\n    ')}\n`;
  return `${renderDiagnostics(error.diagnostics)}${pc.red(pc.bold('error'))} ${error.message}\n${hint}`;
}
