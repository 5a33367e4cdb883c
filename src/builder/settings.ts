import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { BuildEvent } from './build-event.ts';
import type { BundleTarget } from './bundle/contract/bundle-options.ts';

/** The options of a build. Each has a default. */
export interface BuildOptions {
  /**
   * The site's root. Relative paths in other options are relative to it. Default: the working
   * directory.
   */
  readonly projectDirectory?: string | undefined;
  /** Default: the directory that netlify.toml names, else `netlify/functions`. */
  readonly functionsDirectories?: readonly string[] | undefined;
  /** The file that is read instead of `netlify.toml`. */
  readonly configFile?: string | undefined;
  /** Where the zips and `manifest.json` go; default: `.netlify/functions`. */
  readonly outputDirectory?: string | undefined;
  /**
   * `false`: every function is built again. A string: the cache's directory. Default:
   * `node_modules/.cache/bgfn`, or `.netlify/cache/bgfn` in a project without node_modules.
   */
  readonly cache?: boolean | string | undefined;
  readonly minify?: boolean | undefined;
  readonly sourcemap?: boolean | undefined;
  /** The machine that the artifacts run on. Default: a machine like this one. */
  readonly target?: BundleTarget | undefined;
  /**
   * Builds for this machine only, for development: `architecture` settings are ignored, and
   * functions whose compiler is missing or whose prebuilt binary is for another CPU are left out
   * with a warning. Default: false, because deploying a manifest without a function removes the
   * function.
   */
  readonly forThisMachine?: boolean | undefined;
  /** Called with each event of the build as it happens. */
  readonly onEvent?: ((event: BuildEvent) => void) | undefined;
}

/** The options with every default filled in. All paths are absolute. */
export interface BuildSettings {
  readonly projectDirectory: string;
  readonly functionsDirectories: readonly string[];
  readonly configFile: string | undefined;
  readonly outputDirectory: string;
  /** Undefined for a build without a cache. */
  readonly cacheDirectory: string | undefined;
  readonly minify: boolean;
  readonly sourcemap: boolean;
  readonly target: BundleTarget;
  readonly forThisMachine: boolean;
  readonly emit: (event: BuildEvent) => void;
}

/**
 * Fills in the defaults of the options.
 *
 * @throws {BgfnError} `UNSUPPORTED_PLATFORM`, when no target is given and bgfn does not build for
 *   machines like this one
 */
export function resolveSettings(options: BuildOptions): BuildSettings {
  const projectDirectory = path.resolve(options.projectDirectory ?? process.cwd());
  return {
    projectDirectory,
    functionsDirectories: options.functionsDirectories ?? [],
    configFile: options.configFile,
    outputDirectory: path.resolve(
      projectDirectory,
      options.outputDirectory ?? '.netlify/functions',
    ),
    cacheDirectory: cacheDirectoryOf(projectDirectory, options.cache ?? true),
    minify: options.minify ?? false,
    sourcemap: options.sourcemap ?? false,
    target: options.target ?? hostTarget(),
    forThisMachine: options.forThisMachine ?? false,
    emit: options.onEvent ?? (() => undefined),
  };
}

function cacheDirectoryOf(projectDirectory: string, cache: boolean | string): string | undefined {
  if (cache === false) return undefined;
  if (typeof cache === 'string') return path.resolve(projectDirectory, cache);
  const installed = existsSync(path.join(projectDirectory, 'node_modules'));
  return path.join(
    projectDirectory,
    installed ? 'node_modules/.cache/bgfn' : '.netlify/cache/bgfn',
  );
}

/** The machine that bgfn runs on, as a target. */
function hostTarget(): BundleTarget {
  const { platform, arch } = process;
  if ((platform !== 'linux' && platform !== 'darwin') || (arch !== 'x64' && arch !== 'arm64')) {
    throw new BgfnError(
      'UNSUPPORTED_PLATFORM',
      `bgfn builds on Linux and macOS, x64 and arm64; this is ${platform} ${arch}.`,
      { kind: 'usage' },
    );
  }
  return { platform, arch, libc: platform === 'linux' && usesMusl() ? 'musl' : 'glibc' };
}

/** Whether the C library is musl: the script `ldd` contains the name of its library. */
function usesMusl(): boolean {
  try {
    return readFileSync('/usr/bin/ldd', 'latin1').includes('musl');
  } catch {
    return existsSync('/etc/alpine-release');
  }
}
