import path from 'node:path';
import picomatch from 'picomatch';
import type { BundlingSettings } from '../../discover/function-spec.ts';
import type { BundleFile } from '../contract/bundle.ts';
import { artifactPathOf } from './artifact-path.ts';
import { readingsOf } from './glob-readings.ts';
import { relativeGlob } from './relative-glob.ts';

/** The part of the settings that names included and excluded files. */
export type IncludedGlobs = Pick<BundlingSettings, 'includedFiles' | 'includedFilesBase'>;

/** The entries of `includedFiles` that begin with `!`: what an artifact does not get. */
export class Exclusion {
  /** Globs relative to the project, for a search that need not read what is excluded. */
  readonly directories: readonly string[];
  readonly #base: string;
  readonly #isEmpty: boolean;
  readonly #matches: (file: string) => boolean;

  constructor({ includedFiles, includedFilesBase }: IncludedGlobs) {
    const globs = includedFiles
      .filter((entry) => entry.startsWith('!'))
      .map((entry) => relativeGlob(entry.slice(1), includedFilesBase))
      .flatMap((glob) => readingsOf(glob))
      .flatMap((glob) => withContent(glob));
    this.directories = globs.filter((glob) => glob.endsWith('/**'));
    this.#base = includedFilesBase;
    this.#isEmpty = globs.length === 0;
    this.#matches = picomatch(globs, { dot: true });
  }

  /**
   * Whether a file of the project, or one above the project, is excluded; absolute. A file of a
   * package is also known as `node_modules/x/…`, wherever a package manager puts the package.
   */
  hasFile(file: string): boolean {
    if (this.#isEmpty) return false;
    const installedAt = file.lastIndexOf(`${path.sep}node_modules${path.sep}`);
    return (
      this.#matches(path.relative(this.#base, file)) ||
      this.#matches(artifactPathOf(file, this.#base)) ||
      (installedAt !== -1 && this.#matches(file.slice(installedAt + 1)))
    );
  }

  /** Whether a file of the artifact is excluded, by its place or by its path on disk. */
  hasBundleFile({ path: place, content }: BundleFile): boolean {
    if (this.#isEmpty || 'bytes' in content) return false;
    return this.#matches(place) || this.hasFile(content.copyFrom);
  }
}

/** An excluded directory excludes what is in it. `*` stands for the files of one directory. */
function withContent(glob: string): readonly string[] {
  if (/(?:^|\/)\*{1,2}$/.test(glob)) return [glob];
  const withoutSlash = glob.replace(/\/$/, '');
  return [withoutSlash, `${withoutSlash}/**`];
}
