import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** Something on disk that a bundle depends on. Paths are absolute. */
export type Probe =
  /** A file's bytes, a directory's names, or that nothing is there. */
  | { readonly kind: 'content'; readonly path: string }
  /**
   * Which files of a directory could answer an import by one of these names: a new `db.js` beside
   * `db.ts` changes what `./db` means.
   */
  | { readonly kind: 'siblings'; readonly path: string; readonly stems: readonly string[] }
  /** What a `node_modules` directory offers, and where its links point. */
  | { readonly kind: 'modules'; readonly path: string }
  /** Which files the globs match; their bytes are probed one by one. */
  | { readonly kind: 'glob'; readonly path: string; readonly patterns: readonly string[] };

/**
 * What a file's metadata said when its bytes were read: as long as it says the same, the bytes are
 * the same.
 */
export type Stamp = readonly [size: number, mtimeMs: number, ctimeMs: number, inode: number];

/** Reads probes, each file once per build: functions share most of what they depend on. */
export class Fingerprints {
  readonly #stats = new Map<string, Stats | undefined>();
  readonly #digests = new Map<string, string>();

  /** Undefined when nothing is there or it is not a file. */
  stampOf(path: string): Stamp | undefined {
    const stats = this.#stat(path);
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

  #contentDigest(path: string): string {
    const stats = this.#stat(path);
    if (stats === undefined) return 'missing';
    if (stats.isDirectory()) return digestOfNames(namesIn(path));
    try {
      return createHash('sha256').update(readFileSync(path)).digest('hex');
    } catch {
      return 'unreadable';
    }
  }

  #stat(path: string): Stats | undefined {
    if (this.#stats.has(path)) return this.#stats.get(path);
    let stats: Stats | undefined;
    try {
      stats = statSync(path, { throwIfNoEntry: false });
    } catch {
      stats = undefined;
    }
    this.#stats.set(path, stats);
    return stats;
  }
}

/** A file name without its last extension: what an import without one would say. */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

function digestOfNames(names: readonly string[]): string {
  return createHash('sha256').update(names.toSorted().join('\0')).digest('hex');
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function modulesIn(directory: string): string[] {
  return namesIn(directory)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? namesIn(join(directory, name)).map((inner) => `${name}/${inner}`)
        : [name],
    )
    .map((name) => `${name} ${linkTarget(join(directory, name))}`);
}

function linkTarget(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : '';
  } catch {
    return '';
  }
}

async function matchesOf(directory: string, patterns: readonly string[]): Promise<string[]> {
  const { default: glob } = await import('fast-glob');
  const ignore = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => pattern.slice(1));
  return glob(
    patterns.filter((pattern) => !pattern.startsWith('!')),
    { cwd: directory, ignore, dot: true, followSymbolicLinks: false },
  );
}
