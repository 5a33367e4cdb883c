import type { Bundle, BundleFile } from '../../../../src/builder/bundle/contract/bundle.ts';

/** A bundle of the given files. */
export function bundleOf(files: readonly BundleFile[]): Bundle {
  return {
    runtime: 'js',
    bundler: 'esbuild',
    handler: 'f.handler',
    runtimeVersion: 'nodejs24.x',
    content: { kind: 'files', files },
    inputs: [],
    warnings: [],
    parts: [],
  };
}

export function textFile(
  path: string,
  text: string,
  mode: 0o644 | 0o755 = 0o644,
): BundleFile & { readonly content: { readonly bytes: Buffer } } {
  return { path, mode, content: { bytes: Buffer.from(text) } };
}

export function zipBundle(file: string): Bundle {
  return {
    runtime: 'js',
    bundler: undefined,
    handler: 'f.handler',
    runtimeVersion: undefined,
    content: { kind: 'zip', file },
    inputs: [file],
    warnings: [],
    parts: [],
  };
}
