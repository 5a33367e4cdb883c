import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import {
  backgroundMaxPayloadBytes,
  defaultRetry,
  syncMaxPayloadBytes,
  type RetryPolicy,
  type Route,
  type RoutePattern,
} from '../../manifest/schema.ts';
import type { FunctionSettings } from '../config/function-settings.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { checkCombinations } from './check-combinations.ts';
import { eventOfName } from './event-names.ts';
import type { BundlingSettings, FunctionSpec } from './function-spec.ts';
import { modeOf, timeoutLimitOf, type Mode } from './mode.ts';
import { compileRoutes } from './routes/compile-routes.ts';
import type { Entry } from './scan/entry.ts';
import { includedEntriesOf } from './settings/included-entries.ts';
import { mergeSettings, rulesFor, type MergedSettings } from './settings/merge-settings.ts';
import { noSettings, type FoundSettings, type SettingFinding } from './settings/setting-finding.ts';
import { settingsOfSource } from './settings/source-settings.ts';
import type { SourceFacts } from './source-config/read-source.ts';
import { trafficRulesOf } from './traffic-rules.ts';

/** Everything that was read about one function, before any decision. */
export interface Described {
  readonly entry: Entry;
  /** The facts in the source; undefined for zips and Go. */
  readonly facts: SourceFacts | undefined;
  /** The settings that a framework wrote beside a function that it generated. */
  readonly generated: FoundSettings;
}

/** The options that apply to every function of one build. */
export interface ClassifyOptions {
  readonly config: ProjectConfig;
  /** Whether the artifacts are for this machine only: `architecture` settings are then ignored. */
  readonly forThisMachine: boolean;
}

export interface Classified {
  /** Undefined when a diagnostic is an error. */
  readonly spec: FunctionSpec | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The decisions about a function without errors, from which `specOf` makes the spec. */
interface Decisions {
  readonly entry: Entry;
  readonly facts: SourceFacts | undefined;
  readonly mode: Mode;
  readonly settings: FunctionSettings;
  readonly routes: readonly RoutePattern[];
  readonly excludedRoutes: readonly RoutePattern[];
}

const defaultNodeMajor = 24;
/** The `generator` that Netlify's own tools write for functions that a framework generated. */
const generatedBy = 'internalFunc';
/** The `priority` values of Netlify's packager (ZISI). */
const priorities = { generated: 0, written: 10 } as const;

/**
 * Decides everything about one function from its name, its source and the matching rules of
 * netlify.toml, without reading any file. The source wins over netlify.toml, and a longer glob over
 * a shorter glob. Arrays are joined.
 */
export function classify(described: Described, options: ClassifyOptions): Classified {
  const { entry, facts, generated } = described;
  const { rules, siteDirectory } = options.config;
  const rulesOfFunction = rulesFor(rules, entry.name);
  const outside = [...rulesOfFunction, ...generated.sources];
  const inSource =
    facts === undefined
      ? noSettings
      : settingsOfSource(entry, facts, {
          projectDirectory: siteDirectory,
          isBackground: modeOf(entry.name, mergeSettings(outside).settings) === 'background',
        });
  const merged = mergeSettings([...outside, ...inSource.sources]);
  const { settings } = merged;
  const mode = modeOf(entry.name, settings);
  // A function with a schedule is called by the clock alone, as `checkCombinations` reports.
  const paths = compileRoutes('path', settings.schedule === undefined ? settings.path : undefined);
  const excludedPaths = compileRoutes('excludedPath', settings.excludedPath);

  const findings = [
    ...checkCombinations({ functionName: entry.name, mode, merged, facts }),
    ...paths.findings,
    ...excludedPaths.findings,
  ];
  const diagnostics = [
    ...[...(facts?.diagnostics ?? []), ...generated.diagnostics, ...inSource.diagnostics].map(
      (diagnostic) => withFunctionName(diagnostic, entry.name),
    ),
    ...findings.map((finding) => diagnosticOf(finding, entry, merged)),
  ];
  const hasError = diagnostics.some(({ severity }) => severity === 'error');
  if (hasError) return { spec: undefined, diagnostics };
  const decisions: Decisions = {
    entry,
    facts,
    mode,
    settings,
    routes: paths.routes,
    excludedRoutes: excludedPaths.routes,
  };
  const includedEntries = includedEntriesOf(rulesOfFunction, inSource.sources);
  return { spec: { ...specOf(decisions, options), includedEntries }, diagnostics };
}

function diagnosticOf(
  { setting, concernsSeveral = false, ...finding }: SettingFinding,
  { name, mainFile }: Entry,
  { locate }: MergedSettings,
): Diagnostic {
  return {
    ...finding,
    location: locate(setting) ?? { file: mainFile, line: 1, column: 1 },
    functionName: concernsSeveral ? undefined : name,
  };
}

function withFunctionName(diagnostic: Diagnostic, functionName: string): Diagnostic {
  return diagnostic.functionName === undefined ? { ...diagnostic, functionName } : diagnostic;
}

function specOf(decisions: Decisions, { config, forThisMachine }: ClassifyOptions): FunctionSpec {
  const { entry, facts, mode, settings, routes, excludedRoutes } = decisions;
  const isBackground = mode === 'background';
  const isGenerated = config.generatedFunctionsDirectories.includes(entry.functionsDirectory);
  const event = eventOfName(entry.name);
  return {
    name: entry.name,
    entry,
    mode,
    authoring: facts?.authoring,
    streaming: !isBackground && (facts?.streaming ?? false),
    priority: isGenerated ? priorities.generated : priorities.written,
    timeoutSeconds: Math.min(settings.timeout ?? Infinity, timeoutLimitOf(mode)),
    maxPayloadBytes: isBackground ? backgroundMaxPayloadBytes : syncMaxPayloadBytes,
    retry: isBackground ? retryPolicy(settings.retry) : undefined,
    destinations: isBackground ? settings.destinations : undefined,
    schedule: settings.schedule?.trim(),
    routes: routes.map((route) => manifestRoute(route, settings)),
    excludedRoutes,
    methods: [...new Set(settings.method)],
    memoryMb: settings.memory,
    vcpu: settings.vcpu,
    architecture: forThisMachine ? undefined : settings.architecture,
    region: settings.region,
    trafficRules: settings.rateLimit === undefined ? undefined : trafficRulesOf(settings.rateLimit),
    eventSubscriptions: [
      ...new Set([...(event === undefined ? [] : [event]), ...(facts?.eventHandlers ?? [])]),
    ],
    displayName: settings.name,
    generator: settings.generator ?? (isGenerated ? generatedBy : undefined),
    bundling: bundlingOf(settings, config.siteDirectory),
  };
}

/** Adds the settings that concern every route of a function to one of its patterns. */
function manifestRoute(pattern: RoutePattern, { method, preferStatic }: FunctionSettings): Route {
  return {
    ...pattern,
    methods: [...new Set(method)],
    prefer_static: preferStatic === true ? true : undefined,
  };
}

function retryPolicy(retry: FunctionSettings['retry']): RetryPolicy {
  return {
    maxAttempts: retry?.maxAttempts ?? defaultRetry.maxAttempts,
    delaysSeconds: [...(retry?.delaysSeconds ?? defaultRetry.delaysSeconds)],
    maxEventAgeSeconds: retry?.maxEventAgeSeconds ?? defaultRetry.maxEventAgeSeconds,
  };
}

function bundlingOf(settings: FunctionSettings, siteDirectory: string): BundlingSettings {
  const { nodeBundler } = settings;
  return {
    nodeBundler: nodeBundler === 'nft' || nodeBundler === 'none' ? nodeBundler : 'auto',
    externalNodeModules: settings.externalNodeModules ?? [],
    ignoredNodeModules: settings.ignoredNodeModules ?? [],
    includedFiles: settings.includedFiles ?? [],
    includedFilesBase: siteDirectory,
    nodeMajor: settings.nodeVersion ?? defaultNodeMajor,
  };
}
