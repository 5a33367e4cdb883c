import { readFileSync } from 'node:fs';
import path from 'node:path';
import pc from 'picocolors';
import type { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { renderCodeFrame } from '../../diagnostic/code-frame.ts';
import type { Diagnostic, SourceLocation } from '../../diagnostic/diagnostic.ts';

/**
 * Renders a diagnostic: the message, the location with the lines around it, the hint. Ends with a
 * line break.
 */
export function renderDiagnostic({
  severity,
  message,
  hint,
  location,
  functionName,
}: Diagnostic): string {
  const label = severity === 'error' ? pc.red(pc.bold('error')) : pc.yellow(pc.bold('warning'));
  const lines = [
    `${label} ${functionName === undefined ? '' : `${pc.dim(`${functionName}:`)} `}${message}`,
  ];
  if (location !== undefined) {
    lines.push(`  ${pc.dim('at')} ${renderLocation(location)}`, ...frameLines(location));
  }
  if (hint !== undefined) lines.push(`  ${pc.cyan('→')} ${hint.replaceAll('\n', '\n    ')}`);
  return `${lines.join('\n')}\n`;
}

/** Renders a failed command: the diagnostics first, then the error itself. */
export function renderError(error: BgfnError): string {
  const findings = error.diagnostics
    .map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`)
    .join('');
  const hint =
    error.hint === undefined ? '' : `  ${pc.cyan('→')} ${error.hint.replaceAll('\n', '\n    ')}\n`;
  return `${findings}${pc.red(pc.bold('error'))} ${error.message}\n${hint}`;
}

function renderLocation({ file, line, column }: SourceLocation): string {
  const short = path.relative(process.cwd(), file);
  return `${short.startsWith('..') ? file : short}:${line}:${column}`;
}

/** The lines around a location; an empty list when the file cannot be read. */
function frameLines(location: SourceLocation): string[] {
  try {
    return renderCodeFrame(readFileSync(location.file, 'utf8'), location)
      .split('\n')
      .map((line) => `  ${line}`);
  } catch {
    return [];
  }
}
