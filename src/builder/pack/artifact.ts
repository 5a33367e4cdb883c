import type { Diagnostic } from '../../diagnostic/diagnostic.ts';

/** A zip on disk with its digests. */
export interface Artifact {
  /** `<name>.zip`. */
  readonly file: string;
  /** Size of the zip in bytes. */
  readonly size: number;
  /** Size of the content in bytes, unzipped. */
  readonly unzippedSize: number;
  /** Digest of the zip's bytes, hex. */
  readonly sha256: string;
  /**
   * Digest over the sorted (path, mode, bytes) of the content, hex. The digest does not depend on
   * the version of zlib.
   */
  readonly contentDigest: string;
}

/** The zip of a function, before it has its name, and the findings about it. */
export interface WrittenZip extends Omit<Artifact, 'file'> {
  readonly warnings: readonly Diagnostic[];
}
