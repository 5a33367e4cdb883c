import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { UnmatchedEntry } from './unmatched-entry.ts';

/**
 * One file of an artifact. `path` is relative and has forward slashes. A symbolic link never
 * occurs.
 */
export interface BundleFile {
  readonly path: string;
  /** 0o755 for an executable, 0o644 for any other file, whatever the umask of the checkout. */
  readonly mode: 0o644 | 0o755;
  /** Generated code is kept in memory; any other file is read from disk when it is packed. */
  readonly content: { readonly bytes: Uint8Array } | { readonly copyFrom: string };
}

/** The share of one source file in a bundled file of an artifact. */
export interface BundlePart {
  /** Path of the source relative to the project directory, as esbuild writes it. */
  readonly source: string;
  /** Bytes of the source in the output. */
  readonly bytes: number;
  /**
   * The source that imports this one on the shortest way from the function's entry; absent for the
   * entry itself.
   */
  readonly importedBy?: string | undefined;
}

/** One function ready to be packed: its files, its handler, and its inputs. */
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
  /** Absolute paths of the files and directories whose change makes the bundle stale. */
  readonly inputs: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** The entries of `includedFiles` that match no file; absent when there are none. */
  readonly unmatchedEntries?: readonly UnmatchedEntry[] | undefined;
  /** The sources of the bundled code, for `--analyze`; empty for Go and for a prebuilt zip. */
  readonly parts: readonly BundlePart[];
  /** Why the artifact contains a copied file, for `--analyze`: path → reason; default: none. */
  readonly reasons?: Readonly<Record<string, string>> | undefined;
}
