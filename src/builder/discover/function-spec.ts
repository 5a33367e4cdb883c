import type {
  Destinations,
  RetryPolicy,
  Route,
  RoutePattern,
  TrafficRules,
} from '../../manifest/schema.ts';
import type { Mode } from './mode.ts';
import type { Entry } from './scan/entry.ts';
import type { IncludedEntry } from './settings/included-entries.ts';

/**
 * A classified function: its entry and every setting that applies to it. The settings are merged
 * once from the file name, the in-source `config` and netlify.toml, before any bundler runs. Later
 * steps only read the spec.
 */
export interface FunctionSpec {
  readonly name: string;
  readonly entry: Entry;
  readonly mode: Mode;
  /** The authoring style: 1 exports `handler`, 2 has a default export. Absent for zips and Go. */
  readonly authoring?: 1 | 2 | undefined;
  /**
   * Whether the function streams its response: every sync v2 function does, and v1 functions
   * through `stream(handler)`.
   */
  readonly streaming?: boolean | undefined;
  /**
   * Netlify's priority: 10 for functions that the site's author wrote, 0 for functions that a
   * framework generated. Absent counts as 10.
   */
  readonly priority?: 0 | 10 | undefined;
  readonly timeoutSeconds: number;
  readonly maxPayloadBytes: number;
  /** Background functions only. */
  readonly retry?: RetryPolicy | undefined;
  readonly destinations?: Destinations | undefined;
  readonly schedule?: string | undefined;
  /** The routes of `config.path`, with `method` and `preferStatic` in each of them. */
  readonly routes: readonly Route[];
  readonly excludedRoutes: readonly RoutePattern[];
  readonly methods: readonly string[];
  readonly memoryMb?: number | undefined;
  readonly vcpu?: number | undefined;
  /** The CPU that the artifact is made for. Absent: the CPU of the build's target. */
  readonly architecture?: 'x64' | 'arm64' | undefined;
  readonly region?: string | undefined;
  readonly trafficRules?: TrafficRules | undefined;
  /** Slugs such as `deploy_succeeded`. */
  readonly eventSubscriptions: readonly string[];
  readonly displayName?: string | undefined;
  readonly generator?: string | undefined;
  readonly bundling: BundlingSettings;
  /**
   * The entries of `bundling.includedFiles` as their author wrote them, for messages. Artifacts do
   * not depend on them.
   */
  readonly includedEntries?: readonly IncludedEntry[] | undefined;
}

/** The settings that concern bundling, with defaults filled in. */
export interface BundlingSettings {
  /**
   * `auto`: esbuild bundles, and packages that cannot be bundled are kept as files. An author's
   * `esbuild` is `auto`: half of all sites have it from old guides, and on Netlify packages with
   * native code work with it. `nft`: every package is kept as files. `none`: no package is
   * shipped.
   */
  readonly nodeBundler: 'auto' | 'nft' | 'none';
  readonly externalNodeModules: readonly string[];
  readonly ignoredNodeModules: readonly string[];
  /** Globs relative to `includedFilesBase`. A glob with a leading `!` excludes files. */
  readonly includedFiles: readonly string[];
  /** The absolute directory that the globs are relative to: the project root. */
  readonly includedFilesBase: string;
  /** The major version of Node that will run the function. */
  readonly nodeMajor: 22 | 24;
}
