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
 * Finds the entries whose names are equal or differ only in case. Of the scripts of one name in one
 * functions directory the one that Netlify takes is kept, with a warning. Every other group of such
 * entries is an error that names the files of the group.
 */
export function separateConflicts(entries: readonly Entry[]): {
  readonly unique: readonly Entry[];
  readonly conflicts: readonly Diagnostic[];
} {
  const unique: Entry[] = [];
  const conflicts: Diagnostic[] = [];
  for (const group of Map.groupBy(entries, ({ name }) => name.toLowerCase()).values()) {
    const [first, second] = group.toSorted(byPrecedence);
    if (first === undefined || second === undefined) {
      unique.push(...group);
      continue;
    }
    const isDecided = group.every(
      ({ name, kind }) => name === first.name && (kind === 'javascript' || kind === 'zip'),
    );
    if (isDecided) unique.push(first);
    conflicts.push(conflictOf(first, second, { group, isDecided }));
  }
  return { unique, conflicts };
}

/** On Netlify a directory wins over a file, and among files the order of their extensions decides. */
const extensions = ['.js', '.zip', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.cts'];

function rank({ directory, mainFile }: Entry): number {
  return (
    (directory === undefined ? extensions.length : 0) + extensions.indexOf(path.extname(mainFile))
  );
}

function byPrecedence(a: Entry, b: Entry): number {
  return rank(a) - rank(b) || (a.mainFile < b.mainFile ? -1 : 1);
}

/** The path of a function's file, from the name of the functions directory on. */
function shortPath({ mainFile, functionsDirectory }: Entry): string {
  return path.relative(path.dirname(functionsDirectory), mainFile);
}

function conflictOf(
  first: Entry,
  second: Entry,
  { group, isDecided }: { readonly group: readonly Entry[]; readonly isDecided: boolean },
): Diagnostic {
  const files = group.map(shortPath).toSorted().join(' and ');
  const isSameName = group.every(({ name }) => name === first.name);
  const taken = isDecided ? ` As on Netlify, ${shortPath(first)} is taken.` : '';
  return {
    severity: isDecided ? 'warning' : 'error',
    code: 'FUNCTION_CONFLICT',
    message: isSameName
      ? `Several files are the function "${first.name}": ${files}.${taken}`
      : `The functions ${files} have names that differ in upper and lower case alone.`,
    hint: isSameName
      ? 'Keep one of them, or rename one.'
      : 'Rename one: their artifacts would be one file on macOS and Windows.',
    location: { file: second.mainFile, line: 1, column: 1 },
    functionName: first.name,
  };
}
