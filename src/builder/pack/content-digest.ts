import { createHash } from 'node:crypto';

/** The properties of a file that the content digest covers. */
export interface DigestedFile {
  readonly path: string;
  /** 0o755 for files that are executed, 0o644 for other files. */
  readonly mode: 0o644 | 0o755;
  /** Sha256 of the bytes, hex. */
  readonly sha256: string;
}

/**
 * The digest of an artifact's content: sha256 over one line per file, `<mode in octal> <sha256 of
 * the bytes> <path>\n`, the lines sorted by path (UTF-16 code units). The digest does not cover
 * compression, dates and order, so it does not depend on the version of zlib.
 */
export function contentDigestOf(files: readonly DigestedFile[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted(byPath)) {
    hash.update(`${file.mode.toString(8)} ${file.sha256} ${file.path}\n`);
  }
  return hash.digest('hex');
}

/** Compares by path, in the same way in every locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
