import type { BundleFile } from '../contract/bundle.ts';
import { firstPartyMode } from '../native/executable.ts';
import { artifactPathOf } from './artifact-path.ts';

/** Returns the artifact's file for a first-party file that is copied unchanged. */
export function copiedFile(file: string, projectDirectory: string): BundleFile {
  return {
    path: artifactPathOf(file, projectDirectory),
    mode: firstPartyMode(file),
    content: { copyFrom: file },
  };
}
