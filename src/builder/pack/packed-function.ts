import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Bundle, BundlePart } from '../bundle/contract/bundle.ts';
import type { Artifact } from './artifact.ts';

/**
 * A function whose bundle is packed: its artifact, and what later steps have to know of the bundle.
 * As JSON it is what the cache keeps.
 */
export interface PackedFunction {
  readonly artifact: Artifact;
  readonly runtime: Bundle['runtime'];
  /** Undefined for a prebuilt zip. */
  readonly bundler?: Bundle['bundler'] | undefined;
  readonly handler: string;
  /** Undefined when unknown, as it is of a prebuilt zip. */
  readonly runtimeVersion?: string | undefined;
  /** The CPU it was built for; undefined when it holds no native code. */
  readonly architecture?: 'x64' | 'arm64' | undefined;
  readonly warnings: readonly Diagnostic[];
  /** Absolute paths of the inputs that belong to no installed module. */
  readonly sources: readonly string[];
  /** What the bundled module is made of; empty when nothing was bundled. */
  readonly parts: readonly BundlePart[];
}
