import path from 'node:path';
import type { Location, Message } from 'esbuild';
import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { fileTypeHint, type ImportForm } from '../hints/file-type.ts';
import { unresolvedImport, type Advice } from '../hints/unresolved-import.ts';

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
    const about = adviceOn(message, projectDirectory);
    const { location } = message;
    return {
      severity,
      ...about,
      location: location === null ? undefined : sourceLocation(location, projectDirectory),
      functionName,
    };
  });
}

function adviceOn(message: Message, projectDirectory: string): Advice {
  const { location, text, notes } = message;
  const importer = path.resolve(projectDirectory, location?.file ?? '');
  const specifier = unresolvedSpecifier(message);
  if (specifier !== undefined) return unresolvedImport(specifier, importer, projectDirectory);
  const written = writtenSpecifier(location);
  // esbuild finds names in any case, and then cannot read the file under the written name.
  if (text.startsWith('Cannot read file') && written !== undefined) {
    return unresolvedImport(written.specifier, importer, projectDirectory);
  }
  const loaderless = /^No loader is configured for "(.*)" files: (.+)$/.exec(text);
  if (loaderless !== null && written !== undefined) {
    return {
      code: 'FILE_TYPE_UNKNOWN',
      message: `"${written.specifier}" is not code: ${loaderless[1] ?? ''} files cannot be imported as they are.`,
      hint: fileTypeHint(written.specifier, written.form),
    };
  }
  const sloppy = /^(.+) cannot be used with the "esm" output format due to strict mode$/.exec(text);
  if (sloppy !== null) return strictModeAdvice(sloppy[1] ?? '');
  const attribute = /^Importing with a type attribute of "(.*)" is not supported$/.test(text);
  const hint = attribute ? 'The types are "json", "text" and "bytes".' : notes[0]?.text;
  return { code: esbuildCode(message), message: sentence(text), hint };
}

/** What to write in place of syntax that ES modules do not have, such as `with`. */
function strictModeAdvice(subject: string): Advice {
  const isWith = subject.startsWith('With ');
  return {
    code: 'SLOPPY_MODE',
    message: isWith
      ? 'A `with` statement cannot be part of an artifact, whose code is an ES module.'
      : sentence(`${subject} cannot be part of an artifact, whose code is an ES module`),
    hint: isWith
      ? 'Name the object in front of its properties: `event.body`, not `with (event) { body }`.'
      : 'Use another name: ES modules are always in strict mode, which reserves this one.',
  };
}

/** The specifier at a location of esbuild's, and how it is imported. */
function writtenSpecifier(
  location: Location | null,
): { readonly specifier: string; readonly form: ImportForm } | undefined {
  if (location === null) return undefined;
  const line = Buffer.from(location.lineText);
  const literal = line.subarray(location.column, location.column + location.length).toString();
  const specifier = /^(["'`])(.+)\1$/.exec(literal)?.[2];
  const before = line.subarray(0, location.column).toString();
  const called = /\b(require|import)\s*\(\s*$/.exec(before)?.[1];
  const form = called === 'require' ? 'require' : called === 'import' ? 'dynamic' : 'statement';
  return specifier === undefined ? undefined : { specifier, form };
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

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
