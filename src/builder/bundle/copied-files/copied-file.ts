import type { BundleFile } from '../contract/bundle.ts';
import { artifactPathOf } from './artifact-path.ts';

/** A first-party file that goes into the artifact as it is. */
export function copiedFile(file: string, projectDirectory: string): BundleFile {
  return {
    path: artifactPathOf(file, projectDirectory),
    mode: 0o644,
    content: { copyFrom: file },
  };
}
