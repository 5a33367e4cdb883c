import { statSync } from 'node:fs';
import path from 'node:path';
import type { UnmatchedEntry } from '../contract/unmatched-entry.ts';
import { nearPath } from '../hints/near-path.ts';
import { relativeGlob } from './relative-glob.ts';
import { matchesAny } from './search-files.ts';

/** Finds out why an entry matches no file. */
export async function explainUnmatched(
  entry: string,
  globs: readonly string[],
  base: string,
): Promise<UnmatchedEntry> {
  // A backslash in a TOML string with double quotes: "data\new" has a line break.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001F]/.test(entry)) return { entry, reason: 'control-character' };
  for (const glob of globs) {
    const name = unescaped(glob).replace(/\/+$/, '');
    if (isDirectory(path.resolve(base, name))) {
      return { entry, reason: 'directory', suggestion: name === '' ? '**' : `${name}/**` };
    }
  }
  const withoutSlash = globs.map((glob) => glob.replace(/\/+$/, ''));
  if (await matchesAny(withoutSlash, { base, kind: 'directories' })) {
    const suggestion = `${(withoutSlash[0] ?? '').replace(/(?:^|\/)\*$/, '')}/**`.replace(
      /^\//,
      '',
    );
    return { entry, reason: 'only-directories', suggestion };
  }
  if (path.isAbsolute(entry)) {
    const inProject = entry.replace(/^\/+/, '');
    if (await matchesAny([inProject], { base })) {
      return { entry, reason: 'machine-path', suggestion: inProject };
    }
  }
  return { entry, reason: 'nothing', ...nearEntry(entry, base) };
}

/** The entry with the names before its first wildcard spelt as they are on disk. */
function nearEntry(
  entry: string,
  base: string,
): Pick<UnmatchedEntry, 'suggestion' | 'differsInCase'> {
  const names = unescaped(relativeGlob(entry, base)).split('/');
  const wildcardAt = names.findIndex((name) => /[*?{]/.test(name));
  const literal = wildcardAt === -1 ? names : names.slice(0, wildcardAt);
  if (literal.length === 0) return {};
  const near = nearPath(path.resolve(base, ...literal));
  if (near === undefined) return {};
  const found = path.relative(base, near.path).split(path.sep);
  const rest = wildcardAt === -1 ? [] : names.slice(wildcardAt);
  const suggestion = [...found, ...rest].join('/');
  return {
    suggestion: rest.length === 0 && isDirectory(near.path) ? `${suggestion}/**` : suggestion,
    differsInCase: near.differsInCase,
  };
}

function unescaped(glob: string): string {
  return glob.replaceAll(/\\([\\$^*+?()[\]{}!|@])/g, '$1');
}

function isDirectory(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}
