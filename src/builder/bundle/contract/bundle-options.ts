/** The machine that an artifact is built for. Native files in the artifact have to run on it. */
export interface BundleTarget {
  readonly platform: 'linux' | 'darwin';
  readonly arch: 'x64' | 'arm64';
  readonly libc: 'glibc' | 'musl';
}

/** Absolute paths of the adapter's entry modules. */
export interface AdapterModules {
  readonly whole: string;
  /** The adapter without the dispatch of Netlify's events. */
  readonly httpOnly: string;
}

/**
 * Options for bundling the functions of a build. They are the same for all functions, except for
 * the target's CPU.
 */
export interface BundleOptions {
  /** Absolute. Paths inside an artifact are relative to this directory. */
  readonly projectDirectory: string;
  /** Absolute. The artifacts of earlier builds are in it; no function gets files from it. */
  readonly outputDirectory?: string | undefined;
  readonly minify: boolean;
  readonly sourcemap: boolean;
  readonly adapter: AdapterModules;
  readonly target: BundleTarget;
}
