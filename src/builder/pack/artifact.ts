/** A zip on disk with its digests. */
export interface Artifact {
  /** `<name>.zip`. */
  readonly file: string;
  /** Bytes of the zip. */
  readonly size: number;
  /** Bytes of the content, unzipped. */
  readonly unzippedSize: number;
  /** Of the zip's bytes, hex. */
  readonly sha256: string;
  /** Over the sorted (path, mode, bytes) of the content, hex; the same on every zlib build. */
  readonly contentDigest: string;
}
