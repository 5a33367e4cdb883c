import { PackageIndex } from '../packages/package-index.ts';
import { FileScans } from '../syntax/file-scans.ts';
import { Tracer } from '../trace/tracer.ts';

/**
 * What the bundler has read of a project, for one build. Its functions share these memories, so
 * that a file they have in common is read once. The next build makes a session of its own: files
 * change in between, and two builds of one process may overlap.
 */
export interface BundleSession {
  readonly packages: PackageIndex;
  readonly scans: FileScans;
  readonly tracer: Tracer;
}

export function createBundleSession(): BundleSession {
  const scans = new FileScans();
  return { packages: new PackageIndex(), scans, tracer: new Tracer(scans) };
}
