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
  /** Its entry in the manifest. */
  readonly record: ManifestFunction;
  /** Taken from the cache, because nothing it depends on had changed. */
  readonly cached: boolean;
  readonly durationMs: number;
  /** Bytes of its content, unzipped. */
  readonly unzippedSize: number;
  /** Absolute paths of what it was made of, installed modules left out. */
  readonly sources: readonly string[];
  /**
   * What its bundled module is made of, largest first; empty when nothing was bundled. `analyze()`
   * reads it.
   */
  readonly parts: readonly BundlePart[];
  readonly warnings: readonly Diagnostic[];
}
