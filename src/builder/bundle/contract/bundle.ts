import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';

/** One file of an artifact. `path` is relative with forward slashes; symlinks never occur. */
export interface BundleFile {
  readonly path: string;
  /** 0o755 for an executable, 0o644 for the rest, whatever the umask of the checkout. */
  readonly mode: 0o644 | 0o755;
  /** Generated code is held in memory; other files are read from disk when they are packed. */
  readonly content: { readonly bytes: Uint8Array } | { readonly copyFrom: string };
}

/** What one source file adds to a bundled file of an artifact. */
export interface BundlePart {
  /** As esbuild names it: relative to the project directory. */
  readonly source: string;
  /** Bytes in the output. */
  readonly bytes: number;
  /** Who imports it, on the shortest way from the function's entry; absent for the entry itself. */
  readonly importedBy?: string | undefined;
}

/** One function ready to be packed: its files, its handler, and everything that was read for it. */
export interface Bundle {
  readonly runtime: 'js' | 'go';
  /** Undefined for Go and for a prebuilt zip. */
  readonly bundler: 'esbuild' | 'nft' | 'none' | undefined;
  readonly content:
    | { readonly kind: 'files'; readonly files: readonly BundleFile[] }
    | { readonly kind: 'zip'; readonly file: string };
  /** `<name>.handler` for Node, `bootstrap` for Go. */
  readonly handler: string;
  /** `nodejs24.x`, `provided.al2023`; undefined when unknown. */
  readonly runtimeVersion: string | undefined;
  /** Absolute paths whose change makes this bundle stale. */
  readonly inputs: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** The sources of the bundled code, for `--analyze`; empty where nothing was bundled. */
  readonly parts: readonly BundlePart[];
}
