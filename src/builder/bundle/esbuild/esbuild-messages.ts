import path from 'node:path';
import type { Location, Message } from 'esbuild';
import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { packageNameOf } from '../packages/package-name.ts';

/**
 * Returns the specifier of an import that esbuild could not resolve; undefined when the message is
 * about something else.
 */
export function unresolvedSpecifier(message: Message): string | undefined {
  return /^Could not resolve "(.+)"$/.exec(message.text)?.[1];
}

/** Turns esbuild's messages about one function into diagnostics. */
export function toDiagnostics(
  messages: readonly Message[],
  severity: Diagnostic['severity'],
  functionName: string,
  projectDirectory: string,
): readonly Diagnostic[] {
  return messages.map((message): Diagnostic => {
    const specifier = unresolvedSpecifier(message);
    const { location } = message;
    const about =
      specifier === undefined
        ? {
            code: esbuildCode(message),
            message: sentence(message.text),
            hint: message.notes[0]?.text,
          }
        : {
            code: 'UNRESOLVED_IMPORT' as const,
            message: `Cannot find "${specifier}".`,
            hint: unresolvedHint(specifier),
          };
    return {
      severity,
      ...about,
      location: location === null ? undefined : sourceLocation(location, projectDirectory),
      functionName,
    };
  });
}

/**
 * Converts a location of esbuild's, whose path is relative to the project directory and whose
 * column counts bytes from 0.
 */
function sourceLocation(location: Location, projectDirectory: string): SourceLocation {
  return {
    file: path.resolve(projectDirectory, location.file),
    line: location.line,
    column: columnOf(location.lineText, location.column),
    length: Math.max(1, location.length),
  };
}

function columnOf(lineText: string, byteColumn: number): number {
  return Buffer.from(lineText).subarray(0, byteColumn).toString().length + 1;
}

/**
 * Returns the code of a message: `direct-eval` → `ESBUILD_DIRECT_EVAL`. Errors of esbuild have no
 * id.
 */
function esbuildCode({ id }: Message): DiagnosticCode {
  return id === '' ? 'ESBUILD' : `ESBUILD_${id.replaceAll('-', '_').toUpperCase()}`;
}

function unresolvedHint(specifier: string): string {
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    return 'Check the path: no such file, with any of the extensions that are tried.';
  }
  if (specifier.startsWith('#')) return 'Add it to "imports" in package.json.';
  const install = `npm install ${packageNameOf(specifier)}`;
  return `Install it: ${install}. If it is an alias, add it to "paths" in tsconfig.json.`;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
