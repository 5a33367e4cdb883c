import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import pc from 'picocolors';
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

function renderLocation({ file, line, column }: SourceLocation): string {
  const short = path.relative(process.cwd(), file);
  return `${short.startsWith('..') ? file : short}:${line}:${column}`;
}

/** Larger files are data. */
const largestSourceBytes = 16 * 1024 * 1024;

/** The lines around a location; an empty list when the file is not text or cannot be read. */
function frameLines(location: SourceLocation): string[] {
  try {
    if (statSync(location.file).size > largestSourceBytes) return [];
    const bytes = readFileSync(location.file);
    if (isBinary(bytes)) return [];
    return renderCodeFrame(bytes.toString(), location)
      .split('\n')
      .map((line) => `  ${line}`);
  } catch {
    return [];
  }
}

/** Whether a file has no text to show: git's rule (a zero byte near the start), or not UTF-8. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8000).includes(0) || !isUtf8(bytes);
}
