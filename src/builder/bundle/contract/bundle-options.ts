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

/** How a build wants its functions bundled; the same for all of them but for the target's CPU. */
export interface BundleOptions {
  /** Absolute. Paths inside an artifact are relative to it. */
  readonly projectDirectory: string;
  readonly minify: boolean;
  readonly sourcemap: boolean;
  readonly adapter: AdapterModules;
  readonly target: BundleTarget;
}
