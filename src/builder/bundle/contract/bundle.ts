import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { BundlePart } from '../esbuild/bundle-parts.ts';

/** One file of an artifact. `path` is relative with forward slashes; symlinks never occur. */
export interface BundleFile {
  readonly path: string;
  /** 0o755 for what is executed, 0o644 for the rest: never what the checkout's umask says. */
  readonly mode: 0o644 | 0o755;
  /** Held in memory (generated code) or read from disk when packed. */
  readonly content: { readonly bytes: Uint8Array } | { readonly copyFrom: string };
}

/**
 * What a bundler makes of one function spec: the files, which of them is called, and everything
 * that was read to make it.
 */
export interface Bundle {
  readonly runtime: 'js' | 'go';
  /** Absent for a prebuilt zip. */
  readonly bundler?: 'esbuild' | 'nft' | 'none';
  readonly content:
    | { readonly kind: 'files'; readonly files: readonly BundleFile[] }
    | { readonly kind: 'zip'; readonly file: string };
  /** `<name>.handler` for Node, `bootstrap` for Go. */
  readonly handler: string;
  /** `nodejs24.x`, `provided.al2023`; absent when unknown. */
  readonly runtimeVersion?: string;
  /** Absolute paths whose change makes this bundle stale. */
  readonly inputs: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** What `<name>.mjs` is made of, for `--analyze`. Absent where nothing was bundled. */
  readonly parts?: readonly BundlePart[];
}

/** The machine an artifact is made for; native files in it have to fit. */
export interface BundleTarget {
  readonly platform: 'linux' | 'darwin';
  readonly arch: 'x64' | 'arm64';
  readonly libc: 'glibc' | 'musl';
}

/** The adapter's entry modules, as absolute paths. */
export interface AdapterModules {
  readonly whole: string;
  /** Without the dispatch of Netlify's events. */
  readonly httpOnly: string;
}

export interface BundleOptions {
  /** Absolute. Paths inside an artifact are relative to it. */
  readonly projectDirectory: string;
  readonly minify: boolean;
  readonly sourcemap: boolean;
  readonly adapter: AdapterModules;
  readonly target: BundleTarget;
}

/** A bundle, or every reason why there is none. Warnings of a bundle are in the bundle. */
export type BundleOutcome =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
