import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import type { Bundle, BundleFile } from '../contract/bundle.ts';
import { copiedFile } from '../copied-files/copied-file.ts';
import { findIncludedFiles } from '../copied-files/included-files.ts';

/** AWS and Netlify look for an executable of this name in an OS-only runtime. */
const bootstrap = 'bootstrap';
const goRuntimeVersion = 'provided.al2023';

/**
 * Makes the bundle of a Go function: the executable, and the files that the author lists in
 * `includedFiles`, each at its path in the project.
 *
 * @param inputs The files that the executable was made of
 */
export async function goBundle(
  executable: BundleFile['content'],
  inputs: readonly string[],
  spec: FunctionSpec,
  { projectDirectory }: BundleOptions,
): Promise<Bundle> {
  const included = await findIncludedFiles(spec.bundling);
  const copied = included.files.map((file) => copiedFile(file, projectDirectory));
  const files: readonly BundleFile[] = [
    { path: bootstrap, mode: 0o755, content: executable },
    ...copied.filter((file) => file.path !== bootstrap),
  ];
  return {
    runtime: 'go',
    bundler: undefined,
    content: { kind: 'files', files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) },
    handler: bootstrap,
    runtimeVersion: goRuntimeVersion,
    inputs: [...new Set([...inputs, ...included.files])],
    warnings: [],
    unmatchedEntries: included.unmatched,
    parts: [],
  };
}
