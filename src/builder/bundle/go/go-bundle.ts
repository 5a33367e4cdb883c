import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleFile, BundleOptions, BundleOutcome } from '../contract/bundle.ts';
import { includedFiles } from '../copied-files/included-files.ts';
import { artifactPathOf } from '../first-party/first-party-file.ts';

/** Where AWS and Netlify look for the executable of an OS-only runtime. */
const goRuntimeVersion = 'provided.al2023';

/**
 * What goes into a Go artifact: the executable as `bootstrap`, which is what an OS-only Lambda
 * runtime starts, and what the author names in `includedFiles` at its path in the project.
 * `inputs`: what the executable was made of.
 */
export async function goBundle(
  executable: BundleFile['content'],
  inputs: readonly string[],
  spec: FunctionSpec,
  { projectDirectory }: BundleOptions,
): Promise<BundleOutcome> {
  const bootstrap: BundleFile = { path: 'bootstrap', mode: 0o755, content: executable };
  const included = await includedFiles(
    spec.bundling.includedFiles,
    spec.bundling.includedFilesBase,
  );
  const copied = included.map((file): BundleFile => ({
    path: artifactPathOf(file, projectDirectory),
    mode: 0o644,
    content: { copyFrom: file },
  }));
  const others = copied.filter((file) => file.path !== bootstrap.path);
  return {
    ok: true,
    bundle: {
      runtime: 'go',
      content: {
        kind: 'files',
        files: [bootstrap, ...others].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      },
      handler: 'bootstrap',
      runtimeVersion: goRuntimeVersion,
      inputs: [...new Set([...inputs, ...included])],
      warnings: [],
    },
  };
}
