import { createHash } from 'node:crypto';

/** One file as the digest sees it. */
export interface DigestedFile {
  readonly path: string;
  /** 0o755 for what is executed, 0o644 for the rest. */
  readonly mode: 0o644 | 0o755;
  /** Sha256 of the bytes, hex. */
  readonly sha256: string;
}

/**
 * The digest of an artifact's content: sha256 over one line per file, `<mode in octal> <sha256 of
 * the bytes> <path>\n`, the lines sorted by path (UTF-16 code units). It knows nothing of
 * compression, dates and order, so it is the same on every zlib build.
 */
export function contentDigestOf(files: readonly DigestedFile[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted(byPath)) {
    hash.update(`${file.mode.toString(8)} ${file.sha256} ${file.path}\n`);
  }
  return hash.digest('hex');
}

/** Orders by path, the same in every locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
