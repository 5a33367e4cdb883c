import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { functionNamePattern } from '../../../manifest/schema.ts';
import type { Entry } from './entry.ts';

/** The name of Netlify's own entry file inside an artifact. */
const reservedName = '___netlify-entry-point';

/** Reports an invalid name of an entry; undefined when the name is a valid name of a function. */
export function nameProblem({ name, directory, mainFile }: Entry): Diagnostic | undefined {
  const isReserved = name === reservedName;
  if (functionNamePattern.test(name) && !isReserved) return undefined;
  return {
    severity: 'error',
    code: 'FUNCTION_NAME_INVALID',
    message: isReserved
      ? `"${name}" is a reserved name.`
      : `"${name}" cannot be the name of a function: only letters, digits, "-" and "_" can.`,
    hint: renameHint(name, directory ?? mainFile, directory === undefined),
    location: { file: mainFile, line: 1, column: 1 },
    functionName: name,
  };
}

function renameHint(name: string, place: string, isFile: boolean): string {
  const base = path.basename(place);
  const suggestion = name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  if (suggestion === '' || suggestion === name) return `Rename ${base}.`;
  const renamed = isFile ? suggestion + path.extname(place) : suggestion;
  return `Rename ${base} to ${renamed}, or move it out of the functions directory.`;
}

/**
 * Separates the entries whose names are equal or differ only in case. Each group of such entries is
 * one error that names the files of the group.
 */
export function separateConflicts(entries: readonly Entry[]): {
  readonly unique: readonly Entry[];
  readonly conflicts: readonly Diagnostic[];
} {
  const unique: Entry[] = [];
  const conflicts: Diagnostic[] = [];
  for (const group of Map.groupBy(entries, ({ name }) => name.toLowerCase()).values()) {
    const [first, second] = group.toSorted((a, b) => (a.mainFile < b.mainFile ? -1 : 1));
    if (first === undefined || second === undefined) unique.push(...group);
    else conflicts.push(conflictOf(first, second, group));
  }
  return { unique, conflicts };
}

function conflictOf(first: Entry, second: Entry, group: readonly Entry[]): Diagnostic {
  const files = group
    .map(({ mainFile, functionsDirectory }) =>
      path.relative(path.dirname(functionsDirectory), mainFile),
    )
    .toSorted()
    .join(' and ');
  const isSameName = first.name === second.name;
  return {
    severity: 'error',
    code: 'FUNCTION_CONFLICT',
    message: isSameName
      ? `Several files are the function "${first.name}": ${files}.`
      : `The functions ${files} have names that differ in upper and lower case alone.`,
    hint: isSameName
      ? 'Keep one of them, or rename one.'
      : 'Rename one: their artifacts would be one file on macOS and Windows.',
    location: { file: second.mainFile, line: 1, column: 1 },
    functionName: first.name,
  };
}
