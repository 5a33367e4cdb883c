import path from 'node:path';
import type { Message } from 'esbuild';
import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';

/**
 * The specifier of an import that esbuild could not resolve, or undefined when the message is about
 * something else.
 */
export function unresolvedSpecifier(message: Message): string | undefined {
  return /^Could not resolve "(.+)"$/.exec(message.text)?.[1];
}

/**
 * Esbuild's own message as a diagnostic of ours. Its paths are relative to the project directory,
 * its columns count bytes from 0.
 */
export function toDiagnostic(
  message: Message,
  severity: 'error' | 'warning',
  functionName: string,
  projectDirectory: string,
): Diagnostic {
  const specifier = unresolvedSpecifier(message);
  const hint = specifier === undefined ? message.notes[0]?.text : unresolvedHint(specifier);
  const { location } = message;
  return {
    severity,
    code: specifier === undefined ? esbuildCode(message) : 'UNRESOLVED_IMPORT',
    message: specifier === undefined ? sentence(message.text) : `Cannot find "${specifier}".`,
    ...(hint === undefined ? {} : { hint }),
    ...(location === null
      ? {}
      : {
          location: {
            file: path.resolve(projectDirectory, location.file),
            line: location.line,
            column: columnOf(location.lineText, location.column),
            length: Math.max(1, location.length),
          },
        }),
    functionName,
  };
}

/** `direct-eval` → `ESBUILD_DIRECT_EVAL`. Errors have no name there. */
function esbuildCode({ id }: Message): DiagnosticCode {
  return id === '' ? 'ESBUILD' : `ESBUILD_${id.replaceAll('-', '_').toUpperCase()}`;
}

function unresolvedHint(specifier: string): string {
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    return 'Check the path: no such file, with any of the extensions that are tried.';
  }
  if (specifier.startsWith('#')) return 'Add it to "imports" in package.json.';
  return `Install it: npm install ${packageNameOf(specifier)}. If it is an alias, add it to "paths" in tsconfig.json.`;
}

/** `@scope/name/sub/path` → `@scope/name`; `name/sub` → `name`. */
export function packageNameOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function columnOf(lineText: string, byteColumn: number): number {
  return Buffer.from(lineText).subarray(0, byteColumn).toString().length + 1;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
