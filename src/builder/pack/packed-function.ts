import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Bundle, BundlePart } from '../bundle/contract/bundle.ts';
import type { Artifact } from './artifact.ts';

/**
 * A function whose bundle is packed: its artifact, and the properties of the bundle that later
 * steps need. The cache keeps packed functions as JSON.
 */
export interface PackedFunction {
  readonly artifact: Artifact;
  readonly runtime: Bundle['runtime'];
  /** Undefined for a prebuilt zip. */
  readonly bundler?: Bundle['bundler'] | undefined;
  readonly handler: string;
  /** Undefined when the version is unknown, as for a prebuilt zip. */
  readonly runtimeVersion?: string | undefined;
  /** The CPU of the artifact's native code; undefined without native code. */
  readonly architecture?: 'x64' | 'arm64' | undefined;
  readonly warnings: readonly Diagnostic[];
  readonly unmatchedEntries?: Bundle['unmatchedEntries'];
  /**
   * Absolute paths of the inputs that are not in the project's installed modules. The modules of a
   * linked package count as its sources.
   */
  readonly sources: readonly string[];
  /** The parts of the bundled module; empty when nothing was bundled. */
  readonly parts: readonly BundlePart[];
  /** Why the artifact contains a copied file: path → reason. */
  readonly reasons?: Readonly<Record<string, string>> | undefined;
}
