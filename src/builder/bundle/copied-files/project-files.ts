import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { isPrivateFile } from './private-file.ts';

/** A directory with more files, or more bytes, is not included by itself. */
const maxFiles = 2000;
const maxBytes = 50 * 1024 * 1024;

/** The files of a directory, or that there are too many. Absolute and sorted. */
export type DirectoryFiles =
  | { readonly fits: true; readonly files: readonly string[] }
  | { readonly fits: false };

/** Which files of a directory are meant. */
export interface DirectoryFilter {
  /** Tests the path below the directory, with forward slashes. */
  readonly matches: (relative: string) => boolean;
  /** 1 for the files right in the directory. */
  readonly maxDepth: number;
}

const everything: DirectoryFilter = { matches: () => true, maxDepth: Number.POSITIVE_INFINITY };

/** Looks for files and directories of the project, and remembers what it has seen. */
export class ProjectFiles {
  readonly #kinds = new Map<string, 'file' | 'directory' | undefined>();
  readonly #names = new Map<string, ReadonlySet<string>>();

  kindOf(place: string): 'file' | 'directory' | undefined {
    if (this.#kinds.has(place)) return this.#kinds.get(place);
    const kind = readKind(place);
    this.#kinds.set(place, kind);
    return kind;
  }

  /** Returns the names in a directory; none when there is no such directory. */
  namesIn(directory: string): ReadonlySet<string> {
    let names = this.#names.get(directory);
    if (names === undefined) {
      names = new Set(readNames(directory));
      this.#names.set(directory, names);
    }
    return names;
  }

  /**
   * Lists the files below a directory. Hidden directories, `node_modules`, and files with secrets
   * are left out.
   */
  filesBelow(directory: string, filter: DirectoryFilter = everything): DirectoryFiles {
    const files: string[] = [];
    const visited = new Set<string>();
    let bytes = 0;
    const visit = (at: string, depth: number): boolean => {
      const real = realpathSync(at);
      if (visited.has(real)) return true;
      visited.add(real);
      for (const name of this.namesIn(at)) {
        if (
          name === 'node_modules' ||
          /^\.(?:git|netlify|cache|vscode|idea|ssh|aws|DS_Store)/.test(name)
        ) {
          continue;
        }
        const place = path.join(at, name);
        const kind = this.kindOf(place);
        if (kind === 'directory') {
          if (depth < filter.maxDepth && !visit(place, depth + 1)) return false;
        } else if (
          kind === 'file' &&
          filter.matches(path.relative(directory, place)) &&
          !isPrivateFile(place)
        ) {
          files.push(place);
          bytes += statSync(place).size;
          if (files.length > maxFiles || bytes > maxBytes) return false;
        }
      }
      return true;
    };
    return visit(directory, 1) ? { fits: true, files: files.toSorted() } : { fits: false };
  }
}

function readKind(place: string): 'file' | 'directory' | undefined {
  try {
    const stats = statSync(place, { throwIfNoEntry: false });
    if (stats?.isFile() === true) return 'file';
    return stats?.isDirectory() === true ? 'directory' : undefined;
  } catch {
    // The path leads through a file, or contains a character that no path has.
    return undefined;
  }
}

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
