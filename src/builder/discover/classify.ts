import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import {
  backgroundMaxPayloadBytes,
  backgroundTimeoutSeconds,
  defaultRetry,
  syncMaxPayloadBytes,
  syncTimeoutSeconds,
  type ExcludedRoute,
  type RetryPolicy,
  type Route,
} from '../../manifest/schema.ts';
import type { FunctionSettings } from '../config/function-settings.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { backgroundSuffix, checkCombinations } from './check-combinations.ts';
import { eventOfName } from './event-names.ts';
import type { BundlingSettings, FunctionSpec, Mode } from './function-spec.ts';
import { compileRoutes } from './routes/compile-routes.ts';
import type { Entry } from './scan/entry.ts';
import { mergeSettings, rulesFor, type MergedSettings } from './settings/merge-settings.ts';
import { noSettings, type FoundSettings, type SettingFinding } from './settings/setting-finding.ts';
import { settingsOfSource } from './settings/source-settings.ts';
import type { SourceFacts } from './source-config/read-source.ts';
import { trafficRulesOf } from './traffic-rules.ts';

/** Everything that was read about one function. */
export interface Described {
  readonly entry: Entry;
  /** What the source says; undefined for zips and Go. */
  readonly facts: SourceFacts | undefined;
  /** What a framework wrote beside a function it generated. */
  readonly generated: FoundSettings;
}

/** What holds for every function of one build. */
export interface ClassifyOptions {
  readonly config: ProjectConfig;
  /** Artifacts are for this machine only: the `architecture` setting does not count. */
  readonly forThisMachine: boolean;
}

export interface Classified {
  /** Undefined when a diagnostic is an error. */
  readonly spec: FunctionSpec | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The result of all steps of the classification but the last, which writes the spec. */
interface Decided {
  readonly entry: Entry;
  readonly facts: SourceFacts | undefined;
  readonly mode: Mode;
  readonly settings: FunctionSettings;
  readonly routes: readonly ExcludedRoute[];
  readonly excludedRoutes: readonly ExcludedRoute[];
}

const defaultNodeMajor = 24;
/** What Netlify's own tools write for functions that a framework made. */
const generatedBy = 'internalFunc';

/**
 * Decides everything about one function, purely, from its name, its source and the matching rules
 * of netlify.toml. The source wins over netlify.toml, a longer glob over a shorter one; arrays are
 * joined.
 */
export function classify(described: Described, options: ClassifyOptions): Classified {
  const { entry, facts, generated } = described;
  const { rules, projectDirectory } = options.config;
  const inSource =
    facts === undefined ? noSettings : settingsOfSource(entry, facts, projectDirectory);
  const merged = mergeSettings([
    ...rulesFor(rules, entry.name),
    ...generated.sources,
    ...inSource.sources,
  ]);
  const { settings } = merged;
  const mode = modeOf(entry.name, settings);
  const paths = compileRoutes('path', settings.path);
  const excludedPaths = compileRoutes('excludedPath', settings.excludedPath);

  const findings = [
    ...checkCombinations({ functionName: entry.name, mode, merged, facts }),
    ...paths.findings,
    ...excludedPaths.findings,
  ];
  const diagnostics = [
    ...(facts?.diagnostics ?? []),
    ...generated.diagnostics,
    ...inSource.diagnostics,
    ...findings.map((finding) => diagnosticOf(finding, entry, merged)),
  ].map((diagnostic) => withFunctionName(diagnostic, entry.name));
  const hasError = diagnostics.some(({ severity }) => severity === 'error');
  const { routes } = paths;
  const excludedRoutes = excludedPaths.routes;
  return {
    spec: hasError
      ? undefined
      : specOf({ entry, facts, mode, settings, routes, excludedRoutes }, options),
    diagnostics,
  };
}

function modeOf(name: string, settings: FunctionSettings): Mode {
  return name.endsWith(backgroundSuffix) || settings.background === true ? 'background' : 'sync';
}

function diagnosticOf(
  { setting, ...finding }: SettingFinding,
  { mainFile }: Entry,
  { locate }: MergedSettings,
): Diagnostic {
  return { ...finding, location: locate(setting) ?? { file: mainFile, line: 1, column: 1 } };
}

function withFunctionName(diagnostic: Diagnostic, functionName: string): Diagnostic {
  return diagnostic.functionName === undefined ? { ...diagnostic, functionName } : diagnostic;
}

function specOf(decided: Decided, { config, forThisMachine }: ClassifyOptions): FunctionSpec {
  const { entry, facts, mode, settings, excludedRoutes } = decided;
  const isBackground = mode === 'background';
  const isGenerated = config.generatedFunctionsDirectories.includes(entry.functionsDirectory);
  const event = eventOfName(entry.name);
  return {
    name: entry.name,
    entry,
    mode,
    authoring: facts?.authoring,
    streaming: !isBackground && (facts?.streaming ?? false),
    priority: isGenerated ? 0 : 10,
    timeoutSeconds:
      settings.timeout ?? (isBackground ? backgroundTimeoutSeconds : syncTimeoutSeconds),
    maxPayloadBytes: isBackground ? backgroundMaxPayloadBytes : syncMaxPayloadBytes,
    retry: isBackground ? retryPolicy(settings.retry) : undefined,
    destinations: isBackground ? settings.destinations : undefined,
    schedule: settings.schedule?.trim(),
    routes: decided.routes.map((route) => withMethods(route, settings)),
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
    bundling: bundlingOf(settings, config.projectDirectory),
  };
}

function withMethods(route: ExcludedRoute, { method, preferStatic }: FunctionSettings): Route {
  return {
    ...route,
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

function bundlingOf(settings: FunctionSettings, projectDirectory: string): BundlingSettings {
  const { nodeBundler } = settings;
  const isForeign = nodeBundler === 'zisi' || nodeBundler === 'esbuild_zisi';
  return {
    nodeBundler: nodeBundler === undefined || isForeign ? 'auto' : nodeBundler,
    externalNodeModules: settings.externalNodeModules ?? [],
    ignoredNodeModules: settings.ignoredNodeModules ?? [],
    includedFiles: settings.includedFiles ?? [],
    includedFilesBase: projectDirectory,
    nodeMajor: settings.nodeVersion ?? defaultNodeMajor,
  };
}
