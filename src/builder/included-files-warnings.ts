import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { UnmatchedEntry } from './bundle/contract/unmatched-entry.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import type { IncludedEntry } from './discover/settings/included-entries.ts';

/**
 * Warns of the entries of `includedFiles` that match no file, at the places where they are written.
 * An entry of netlify.toml is reported once for all functions that share it. Entries that a
 * framework generated are not reported, because the author cannot correct them.
 */
export function includedFilesWarnings(
  spec: FunctionSpec,
  unmatched: readonly UnmatchedEntry[],
): readonly Diagnostic[] {
  return unmatched.flatMap((one): readonly Diagnostic[] => {
    const written = spec.includedEntries?.find(({ entry }) => entry === one.entry);
    if (written === undefined) return [];
    const isOwn = written.setting === 'includedFiles';
    return [
      {
        severity: 'warning',
        code: 'INCLUDED_FILES_UNMATCHED',
        message: messageFor(one, written),
        hint: hintFor(one, written, spec.bundling.includedFilesBase),
        location: written.location,
        functionName: isOwn ? spec.name : undefined,
      },
    ];
  });
}

function messageFor({ reason }: UnmatchedEntry, { written, setting }: IncludedEntry): string {
  const entry = `"${visible(written)}" in ${setting}`;
  switch (reason) {
    case 'directory':
      return `${entry} is a directory, and an entry stands for files: nothing is included.`;
    case 'only-directories':
      return `${entry} matches directories only, and an entry stands for files: nothing is included.`;
    case 'machine-path':
      return `${entry} starts at the root of the machine, where it matches no file.`;
    case 'control-character':
    case 'nothing':
      return `${entry} matches no file.`;
  }
}

function hintFor(
  { reason, suggestion, differsInCase }: UnmatchedEntry,
  written: IncludedEntry,
  project: string,
): string {
  const from = written.writtenIn ?? project;
  const advice =
    suggestion === undefined
      ? undefined
      : `"${path.posix.relative(from, path.posix.join(project, suggestion))}"`;
  if (reason === 'control-character') {
    return 'Write / between directories: a backslash in double quotes begins an escape such as \\n.';
  }
  if (reason === 'directory' || reason === 'only-directories') {
    return `Write ${advice ?? ''} for all files in it.`;
  }
  if (advice !== undefined) {
    return differsInCase === true
      ? `Write ${advice}: upper and lower case differ on Linux.`
      : `Did you mean ${advice}?`;
  }
  return elsewhereHint(written, project) ?? startsAt(written, project);
}

/** The hint for an entry of a function's source that was meant to start at the project. */
function elsewhereHint({ written, writtenIn }: IncludedEntry, project: string): string | undefined {
  if (writtenIn === undefined) return undefined;
  const plain = written.replace(/^\.\//, '');
  const literal = plain.split('/').filter((name) => !/[*?{]/.test(name));
  if (!existsSync(path.join(project, literal[0] ?? '', ...literal.slice(1)))) return undefined;
  const fromFunction = path.posix.relative(writtenIn, path.posix.join(project, plain));
  return `An entry in the source starts at the function's directory: write "${fromFunction}".`;
}

function startsAt({ writtenIn }: IncludedEntry, project: string): string {
  const place =
    writtenIn === undefined
      ? 'the project directory'
      : `the function's directory, ${path.relative(project, writtenIn)}`;
  return `Correct or remove it. It is relative to ${place}; * stands for a name, and ** for any directories.`;
}

/** A text with its control characters as escapes, so that a message stays on one line. */
function visible(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\\`, '\\')
    .replaceAll('\\"', '"');
}
