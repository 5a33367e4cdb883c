import path from 'node:path';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { PackedFunction } from '../pack/packed-function.ts';
import type { BuildCache } from './build-cache.ts';
import { publishedDigest } from './published-digest.ts';

/**
 * The build cache with packed functions in it. What is kept has paths relative to the project, so
 * that it is valid in every checkout.
 */
export class FunctionCache {
  readonly #cache: BuildCache<PackedFunction>;
  readonly #projectDirectory: string;
  readonly #outputDirectory: string;

  constructor(
    cache: BuildCache<PackedFunction>,
    directories: { readonly projectDirectory: string; readonly outputDirectory: string },
  ) {
    this.#cache = cache;
    this.#projectDirectory = directories.projectDirectory;
    this.#outputDirectory = directories.outputDirectory;
  }

  /**
   * The function as it was packed before, if nothing it depends on has changed. Its zip is put into
   * `directory`, unless the output directory has it already.
   */
  async restore(spec: FunctionSpec, directory: string): Promise<PackedFunction | undefined> {
    const entry = await this.#cache.find(spec);
    if (entry === undefined) return undefined;
    const { file, sha256 } = entry.value.artifact;
    const isPublished = publishedDigest(path.join(this.#outputDirectory, file)) === sha256;
    if (!isPublished && !(await this.#cache.restoreZip(sha256, path.join(directory, file)))) {
      return undefined;
    }
    return withPaths(entry.value, (relative) => path.resolve(this.#projectDirectory, relative));
  }

  /**
   * Keeps a packed function, unless an import of it could not be resolved: the file that would
   * resolve it can appear anywhere, so such a function is built every time.
   *
   * @param inputs Absolute paths whose change makes the entry stale
   * @param directory Where its zip is
   */
  async keep(
    spec: FunctionSpec,
    packed: PackedFunction,
    inputs: readonly string[],
    directory: string,
  ): Promise<void> {
    if (packed.warnings.some(({ code }) => code === 'UNRESOLVED_IMPORT')) return;
    await this.#cache.save(spec, inputs, {
      value: withPaths(packed, (file) =>
        path.isAbsolute(file) ? path.relative(this.#projectDirectory, file) : file,
      ),
      zipFile: path.join(directory, packed.artifact.file),
      zipSha256: packed.artifact.sha256,
    });
  }

  async prune(): Promise<void> {
    await this.#cache.prune();
  }
}

function withPaths(packed: PackedFunction, map: (file: string) => string): PackedFunction {
  const warnings = packed.warnings.map((warning) =>
    warning.location === undefined
      ? warning
      : { ...warning, location: { ...warning.location, file: map(warning.location.file) } },
  );
  return { ...packed, warnings, sources: packed.sources.map((file) => map(file)) };
}
