import {
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { sha256Of } from '../../files/sha256.ts';

/** A question about the disk whose answer a bundle depends on. Paths are absolute. */
export type Probe =
  /**
   * The bytes of a file and whether it is executable, the names in a directory, or the absence of
   * both.
   */
  | { readonly kind: 'content'; readonly path: string }
  /**
   * The files of a directory that an import by one of these names can mean: a new `db.js` beside
   * `db.ts` changes the meaning of `./db`.
   */
  | { readonly kind: 'siblings'; readonly path: string; readonly stems: readonly string[] }
  /** The modules in a `node_modules` directory, and the targets of its links. */
  | { readonly kind: 'modules'; readonly path: string }
  /** The real path that a symbolic link leads to, relative to the link. */
  | { readonly kind: 'link'; readonly path: string }
  /** The names of the files that the globs match. Each file has its own probe for its bytes. */
  | { readonly kind: 'glob'; readonly path: string; readonly patterns: readonly string[] };

/** The metadata of a file when its bytes were read. Equal metadata means equal bytes. */
export type Stamp = readonly [size: number, mtimeMs: number, ctimeMs: number, inode: number];

/**
 * The digests of the answers to the probes of one build. Each answer is read once, because
 * functions share most of their inputs.
 */
export class Fingerprints {
  readonly #stats = new Map<string, Stats | undefined>();
  readonly #digests = new Map<string, string>();

  /** Undefined when the path does not exist or is not a file. */
  stampOf(file: string): Stamp | undefined {
    const stats = this.#stat(file);
    return stats?.isFile() === true
      ? [stats.size, stats.mtimeMs, stats.ctimeMs, stats.ino]
      : undefined;
  }

  async digestOf(probe: Probe): Promise<string> {
    const id = JSON.stringify(probe);
    let digest = this.#digests.get(id);
    if (digest === undefined) {
      digest = await this.#read(probe);
      this.#digests.set(id, digest);
    }
    return digest;
  }

  async #read(probe: Probe): Promise<string> {
    switch (probe.kind) {
      case 'content':
        return this.#contentDigest(probe.path);
      case 'siblings':
        return digestOfNames(
          namesIn(probe.path).filter(
            (name) => probe.stems.includes(name) || probe.stems.includes(stemOf(name)),
          ),
        );
      case 'modules':
        return digestOfNames(modulesIn(probe.path));
      case 'link':
        return digestOfNames([targetOf(probe.path)]);
      case 'glob':
        return digestOfNames(await matchesOf(probe.path, probe.patterns));
    }
  }

  #contentDigest(file: string): string {
    const stats = this.#stat(file);
    if (stats === undefined) return 'missing';
    if (stats.isDirectory()) return digestOfNames(namesIn(file));
    try {
      const digest = sha256Of(readFileSync(file));
      return isExecutable(stats) ? `${digest} executable` : digest;
    } catch {
      return 'unreadable';
    }
  }

  #stat(file: string): Stats | undefined {
    if (this.#stats.has(file)) return this.#stats.get(file);
    let stats: Stats | undefined;
    try {
      stats = statSync(file, { throwIfNoEntry: false });
    } catch {
      stats = undefined;
    }
    this.#stats.set(file, stats);
    return stats;
  }
}

function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o111) !== 0;
}

export function contentProbe(file: string): Probe {
  return { kind: 'content', path: file };
}

/** A file name without its last extension: an import may leave the extension out. */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

function digestOfNames(names: readonly string[]): string {
  return sha256Of(names.toSorted().join('\0'));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The modules in a `node_modules` directory: the name of each, and the target of a link. */
function modulesIn(directory: string): string[] {
  const visible = namesIn(directory).filter((name) => !name.startsWith('.'));
  const modules = visible.flatMap((name) =>
    name.startsWith('@')
      ? namesIn(path.join(directory, name)).map((inner) => `${name}/${inner}`)
      : [name],
  );
  return modules.map((name) => `${name} ${linkTarget(path.join(directory, name))}`);
}

function linkTarget(file: string): string {
  return isLink(file) ? readlinkSync(file) : '';
}

export function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}

function targetOf(file: string): string {
  try {
    return path.relative(path.dirname(file), realpathSync(file));
  } catch {
    return 'missing';
  }
}

/** The files that are included and the entries that match none, as the bundler finds them. */
async function matchesOf(directory: string, patterns: readonly string[]): Promise<string[]> {
  const { findIncludedFiles } = await import('../bundle/copied-files/included-files.ts');
  const { files, unmatched } = await findIncludedFiles({
    includedFiles: patterns,
    includedFilesBase: directory,
  });
  const names = files.map((file) => path.relative(directory, file));
  return [...names, ...unmatched.map((entry) => JSON.stringify(entry))];
}
