import path from 'node:path';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { PackedFunction } from '../pack/packed-function.ts';
import type { BuildCache } from './build-cache.ts';
import { publishedDigest } from './published-digest.ts';

/** The warnings about something that may appear without a change of any input. */
const unresolvedCodes: ReadonlySet<string> = new Set(['UNRESOLVED_IMPORT', 'INSTALL_INCOMPLETE']);

/**
 * The build cache for packed functions. Cached functions have paths relative to the project, so
 * that they are valid in every checkout.
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
   * Returns a function as it was packed before, if nothing that it depends on has changed. Writes
   * its zip into `directory`, unless the output directory already has the zip.
   */
  async restore(spec: FunctionSpec, directory: string): Promise<PackedFunction | undefined> {
    const kept = await this.#cache.find(spec);
    if (kept === undefined) return undefined;
    const { file, sha256 } = kept.artifact;
    const isPublished = publishedDigest(path.join(this.#outputDirectory, file)) === sha256;
    if (!isPublished && !(await this.#cache.restoreZip(sha256, path.join(directory, file)))) {
      return undefined;
    }
    return withPaths(kept, (relative) => path.resolve(this.#projectDirectory, relative));
  }

  /**
   * Keeps a packed function, unless one of its imports could not be resolved: the missing file can
   * appear anywhere, so such a function is built every time.
   *
   * @param inputs Absolute paths of the files and directories that the function depends on
   * @param directory The directory of the function's zip
   */
  async keep(
    spec: FunctionSpec,
    packed: PackedFunction,
    inputs: readonly string[],
    directory: string,
  ): Promise<void> {
    if (packed.warnings.some(({ code }) => unresolvedCodes.has(code))) return;
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
