import type { FunctionSpec } from '../discover/function-spec.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Bundle } from './bundle.ts';
import { bundleGoSource } from './go-source.ts';
import { bundleJavaScript } from './javascript.ts';
import { bundleGoBinary, bundleZip } from './prebuilt.ts';

/** The machine an artifact is made for; native files in it have to fit. */
export interface BundleTarget {
  readonly platform: 'linux' | 'darwin';
  readonly arch: 'x64' | 'arm64';
  readonly libc: 'glibc' | 'musl';
}

export interface BundleOptions {
  /** Absolute. Paths inside an artifact are relative to it. */
  readonly projectDirectory: string;
  readonly minify: boolean;
  readonly sourcemap: boolean;
  /** Absolute path of the adapter's entry module; default: the one that ships with bgfn. */
  readonly adapterFile?: string;
  readonly target: BundleTarget;
}

/** A bundle, or every reason why there is none. Warnings of a bundle are in the bundle. */
export type BundleOutcome =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Makes the file map of one function. What a user can mend comes back as diagnostics;
 * anything thrown is a defect of ours.
 */
export async function bundleFunction(spec: FunctionSpec, options: BundleOptions): Promise<BundleOutcome> {
  const { entry } = spec;
  if (entry.kind === 'javascript') return bundleJavaScript(spec, options);
  if (entry.kind === 'zip') return bundleZip(spec);
  if (entry.kind === 'go-binary') return bundleGoBinary(spec, entry, options);
  return bundleGoSource(spec, entry, options);
}
