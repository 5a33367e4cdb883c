import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Manifest, ManifestFunction } from '../manifest/schema.ts';
import type { BundlePart } from './bundle/contract/bundle.ts';
import type { FunctionSpec } from './discover/function-spec.ts';

/** A finished build. */
export interface BuildResult {
  readonly manifest: Manifest;
  /** Absolute path of `manifest.json`. */
  readonly manifestFile: string;
  readonly outputDirectory: string;
  /** Sorted by name. */
  readonly functions: readonly BuiltFunction[];
  readonly warnings: readonly Diagnostic[];
  readonly durationMs: number;
}

/** One function of a finished build. */
export interface BuiltFunction {
  readonly spec: FunctionSpec;
  /** The function's record in the manifest. */
  readonly record: ManifestFunction;
  /** Whether the artifact came from the cache: nothing that the function depends on had changed. */
  readonly cached: boolean;
  readonly durationMs: number;
  /** Size of the artifact's content in bytes, unzipped. */
  readonly unzippedSize: number;
  /** Absolute paths of the files that the artifact was made of, without installed modules. */
  readonly sources: readonly string[];
  /**
   * The parts of the bundled module, largest first, for `analyze()`. Empty when nothing was
   * bundled.
   */
  readonly parts: readonly BundlePart[];
  /** Why the artifact contains a copied file, for `analyze()`: path in the artifact → reason. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly warnings: readonly Diagnostic[];
}
