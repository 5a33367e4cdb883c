import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { messageOf, systemErrorCode } from '../../../diagnostic/system-error.ts';
import type { Entry } from './entry.ts';
import { problem, type Found } from './found.ts';
import { scanFunctionDirectory } from './function-directory.ts';
import { scanFile } from './function-file.ts';
import { nameProblem, separateConflicts } from './name-conflicts.ts';

/** A source whose name no function can have. It may be a file of helpers. */
export interface MisnamedEntry {
  readonly entry: Entry;
  /** The error if the source is a function. */
  readonly diagnostic: Diagnostic;
}

export interface ScanResult {
  /** Sorted by name. All names are different. */
  readonly entries: readonly Entry[];
  readonly misnamed: readonly MisnamedEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the functions among the immediate children of each directory. Files are recognized by their
 * names, and files without a known extension by their first bytes. A conflict or an invalid name is
 * an error that names the files; the other functions are still returned.
 *
 * @param functionsDirectories Absolute, in rising precedence: a function of a later directory
 *   replaces a function of the same name in an earlier directory
 * @throws {BgfnError} Kind `config`, when a directory cannot be read
 */
export async function scan(functionsDirectories: readonly string[]): Promise<ScanResult> {
  const perDirectory = await Promise.all(
    functionsDirectories.map(async (directory) => await scanDirectory(directory)),
  );
  const diagnostics: Diagnostic[] = [];
  const misnamed: MisnamedEntry[] = [];
  const byName = new Map<string, Entry>();
  for (const found of perDirectory) {
    const entries: Entry[] = [];
    for (const one of found) {
      if ('diagnostic' in one) {
        diagnostics.push(one.diagnostic);
        continue;
      }
      const diagnostic = nameProblem(one.entry);
      if (diagnostic === undefined) entries.push(one.entry);
      else if (one.entry.kind === 'javascript') misnamed.push({ entry: one.entry, diagnostic });
      else diagnostics.push(diagnostic);
    }
    const { unique, conflicts } = separateConflicts(entries);
    diagnostics.push(...conflicts);
    for (const entry of unique) byName.set(entry.name, entry);
  }
  // Two directories may each have a function of the same name. Names that differ only in case still
  // conflict: on macOS and Windows their artifacts would be one file.
  const { unique, conflicts } = separateConflicts([...byName.values()]);
  return {
    entries: unique.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    misnamed: misnamed.toSorted((a, b) => (a.entry.mainFile < b.entry.mainFile ? -1 : 1)),
    diagnostics: [...diagnostics, ...conflicts],
  };
}

async function scanDirectory(functionsDirectory: string): Promise<Found[]> {
  let children: Dirent[];
  try {
    children = await readdir(functionsDirectory, { withFileTypes: true });
  } catch (error) {
    throw new BgfnError(
      'FUNCTIONS_DIRECTORY_UNREADABLE',
      `The functions directory ${functionsDirectory} cannot be read: ${messageOf(error)}.`,
      { kind: 'config', cause: error },
    );
  }
  const visible = children.filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'));
  const found = await Promise.all(
    visible.map(async (child) => await scanChild(functionsDirectory, child)),
  );
  return found.flat();
}

async function scanChild(functionsDirectory: string, child: Dirent): Promise<Found[]> {
  try {
    return await identify(functionsDirectory, child);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    // The child was removed after the directory was listed, as happens in watch mode.
    if (code === 'ENOENT') return [];
    return [
      problem({
        code: 'FUNCTION_UNREADABLE',
        file: path.join(functionsDirectory, child.name),
        message: `${child.name} cannot be read: ${messageOf(error)}.`,
        hint: 'Check its permissions, or move it out of the functions directory.',
      }),
    ];
  }
}

async function identify(functionsDirectory: string, child: Dirent): Promise<Found[]> {
  const file = path.join(functionsDirectory, child.name);
  const kind = await kindOf(child, file);
  switch (kind) {
    case 'directory':
      return await scanFunctionDirectory(functionsDirectory, file);
    case 'file':
      return await scanFile(functionsDirectory, file);
    case 'other':
      return [];
    case 'broken-link':
      return [
        problem({
          code: 'FUNCTION_UNREADABLE',
          file,
          message: `${child.name} is a symbolic link to something that does not exist.`,
          hint: 'Remove the link or mend its target.',
        }),
      ];
  }
}

/** The kind of a child. A link has the kind of its target. */
async function kindOf(
  child: Dirent,
  file: string,
): Promise<'directory' | 'file' | 'other' | 'broken-link'> {
  if (child.isSymbolicLink()) {
    try {
      return (await stat(file)).isDirectory() ? 'directory' : 'file';
    } catch {
      return 'broken-link';
    }
  }
  if (child.isDirectory()) return 'directory';
  return child.isFile() ? 'file' : 'other';
}
