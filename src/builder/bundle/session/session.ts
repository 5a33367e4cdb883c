import { ProjectFiles } from '../copied-files/project-files.ts';
import { PlatformPackages } from '../native/platform-packages.ts';
import { NamedFiles } from '../packages/named-files.ts';
import { PackageIndex } from '../packages/package-index.ts';
import { ModuleOutlines } from '../paths/module-outlines.ts';
import { FileScans } from '../syntax/file-scans.ts';
import { Tracer } from '../trace/tracer.ts';

/**
 * Memory of what the bundler has read of a project during one build. The functions of the build
 * share this memory, so that a file which several functions use is read once. Each build creates
 * its own session, because files change between builds and two builds of one process may overlap.
 */
export interface BundleSession {
  readonly packages: PackageIndex;
  readonly namedFiles: NamedFiles;
  readonly platformPackages: PlatformPackages;
  readonly scans: FileScans;
  readonly tracer: Tracer;
  readonly outlines: ModuleOutlines;
  readonly projectFiles: ProjectFiles;
}

export function createBundleSession(): BundleSession {
  const scans = new FileScans();
  const packages = new PackageIndex();
  return {
    packages,
    namedFiles: new NamedFiles(),
    platformPackages: new PlatformPackages(packages, scans),
    scans,
    tracer: new Tracer(scans, packages),
    outlines: new ModuleOutlines(),
    projectFiles: new ProjectFiles(),
  };
}
