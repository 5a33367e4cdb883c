import type { Destinations, ExcludedRoute, RetryPolicy, Route, TrafficRules } from '../manifest/schema.ts';
import type { Entry } from './entry.ts';

/** How a call of the function is answered: at once with 202, or with its own response. */
export type Mode = 'background' | 'sync';

/**
 * A classified function: the entry and every setting that applies to it, merged once from the file name,
 * the in-source `config` and netlify.toml, before any bundler runs. Later steps only read it.
 */
export interface FunctionSpec {
  readonly name: string;
  readonly entry: Entry;
  readonly mode: Mode;
  /** How the source is written: 1 exports `handler`, 2 has a default export. Absent for zips and Go. */
  readonly authoring?: 1 | 2;
  readonly timeoutSeconds: number;
  readonly maxPayloadBytes: number;
  /** Background functions only. */
  readonly retry?: RetryPolicy;
  readonly destinations?: Destinations;
  readonly schedule?: string;
  /** From `config.path`, `excludedPath`, `method`, `preferStatic`. */
  readonly routes: readonly Route[];
  readonly excludedRoutes: readonly ExcludedRoute[];
  readonly methods: readonly string[];
  readonly memoryMb?: number;
  readonly vcpu?: number;
  readonly region?: string;
  readonly trafficRules?: TrafficRules;
  /** Slugs such as `deploy_succeeded`. */
  readonly eventSubscriptions: readonly string[];
  readonly displayName?: string;
  readonly generator?: string;
  readonly bundling: BundlingSettings;
}

/** What an author said about bundling. Every field has a default; nobody needs to set one. */
export interface BundlingSettings {
  /** `auto`: esbuild, with what cannot be bundled kept as files. */
  readonly nodeBundler: 'auto' | 'esbuild' | 'nft' | 'none';
  readonly externalNodeModules: readonly string[];
  readonly ignoredNodeModules: readonly string[];
  /** Globs; `!` excludes. Relative to `includedFilesBase`. */
  readonly includedFiles: readonly string[];
  /** Absolute directory the globs start at: the project root. */
  readonly includedFilesBase: string;
  /** Major version of the Node that will run it. */
  readonly nodeMajor: 22 | 24;
}
