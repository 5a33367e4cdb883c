import { lstatSync, readFileSync, readdirSync, readlinkSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { sha256Of } from '../../files/sha256.ts';

/** Something on disk that a bundle depends on. Paths are absolute. */
export type Probe =
  /** A file's bytes, a directory's names, or that nothing is there. */
  | { readonly kind: 'content'; readonly path: string }
  /**
   * Which files of a directory could answer an import by one of these names: a new `db.js` beside
   * `db.ts` changes what `./db` means.
   */
  | { readonly kind: 'siblings'; readonly path: string; readonly stems: readonly string[] }
  /** Which modules a `node_modules` directory has, and where its links point. */
  | { readonly kind: 'modules'; readonly path: string }
  /** Which files the globs match; their bytes are probed one by one. */
  | { readonly kind: 'glob'; readonly path: string; readonly patterns: readonly string[] };

/** A file's metadata when its bytes were read. While it is the same, so are the bytes. */
export type Stamp = readonly [size: number, mtimeMs: number, ctimeMs: number, inode: number];

/**
 * The digests of what the probes of one build find. Each is read once, because functions share most
 * of what they depend on.
 */
export class Fingerprints {
  readonly #stats = new Map<string, Stats | undefined>();
  readonly #digests = new Map<string, string>();

  /** Undefined when nothing is there or it is not a file. */
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
      case 'glob':
        return digestOfNames(await matchesOf(probe.path, probe.patterns));
    }
  }

  #contentDigest(file: string): string {
    const stats = this.#stat(file);
    if (stats === undefined) return 'missing';
    if (stats.isDirectory()) return digestOfNames(namesIn(file));
    try {
      return sha256Of(readFileSync(file));
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

/** The probe of a file's bytes, a directory's names, or the absence of both. */
export function contentProbe(file: string): Probe {
  return { kind: 'content', path: file };
}

/** A file name without its last extension, as an import may name the file. */
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

/** What a `node_modules` directory offers: each module's name, and its target if it is a link. */
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
  try {
    return lstatSync(file).isSymbolicLink() ? readlinkSync(file) : '';
  } catch {
    return '';
  }
}

async function matchesOf(directory: string, patterns: readonly string[]): Promise<string[]> {
  const { default: glob } = await import('fast-glob');
  const [included, excluded] = [
    patterns.filter((pattern) => !pattern.startsWith('!')),
    patterns.filter((pattern) => pattern.startsWith('!')),
  ];
  return glob(included, {
    cwd: directory,
    ignore: excluded.map((pattern) => pattern.slice(1)),
    dot: true,
    followSymbolicLinks: false,
  });
}
