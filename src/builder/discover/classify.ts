import path from 'node:path';
import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import {
  backgroundMaxPayloadBytes,
  backgroundTimeoutSeconds,
  defaultRetry,
  syncMaxPayloadBytes,
  syncTimeoutSeconds,
  type ExcludedRoute,
  type RetryPolicy,
} from '../../manifest/schema.ts';
import { checkSettings, type SettingPath, type SettingsSource } from '../config/check-settings.ts';
import { settingKeys, type SettingKey } from '../config/function-settings.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { eventOfName } from './event-names.ts';
import type { BundlingSettings, FunctionSpec, Mode } from './function-spec.ts';
import { PathPatternError } from './routes/path-pattern.ts';
import { routeOf } from './routes/route.ts';
import type { Entry } from './scan/entry.ts';
import type { GeneratedSettings } from './settings/generated-settings.ts';
import { mergeSettings, rulesFor, type MergedSettings } from './settings/merge-settings.ts';
import { rebaseGlobs } from './settings/rebase-globs.ts';
import type { SourceFacts } from './source-config/read-source.ts';
import { locateIn, toPlain } from './source-config/static-value.ts';
import { trafficRulesOf } from './traffic-rules.ts';

export interface Classified {
  /** Absent when a diagnostic is an error. */
  readonly spec?: FunctionSpec;
  readonly diagnostics: readonly Diagnostic[];
}

const backgroundSuffix = '-background';
const defaultNodeMajor = 24;
/** What Netlify's own tools write for functions a framework made. */
const generatedBy = 'internalFunc';

/**
 * Decides everything about one function, purely: its name, what its source says and the matching
 * rules of netlify.toml (in-source wins over toml, a longer glob over a shorter one, arrays are
 * joined).
 *
 * @param facts Of JavaScript and TypeScript; absent for zips and Go
 * @param generated What a framework wrote beside the function
 */
export function classify(
  entry: Entry,
  facts: SourceFacts | undefined,
  config: ProjectConfig,
  generated?: GeneratedSettings,
): Classified {
  const diagnostics: Diagnostic[] = [
    ...(facts?.diagnostics ?? []),
    ...(generated?.diagnostics ?? []),
  ];
  const sources: SettingsSource[] = rulesFor(config.rules, entry.name);
  if (generated?.source !== undefined) sources.push(generated.source);
  if (facts !== undefined) {
    sources.push(...sourceSettings(entry, facts, config.projectDirectory, diagnostics));
  }
  const merged = mergeSettings(sources);
  const { settings } = merged;

  const report = (
    code: DiagnosticCode,
    message: string,
    hint: string,
    at: readonly [SettingKey, ...SettingPath],
    severity: Diagnostic['severity'] = 'error',
  ): void => {
    diagnostics.push({
      severity,
      code,
      message,
      hint,
      location: merged.locate(at) ?? { file: entry.mainFile, line: 1, column: 1 },
    });
  };
  const mode = decideMode(entry, merged, report);
  checkCombinations(entry, facts, mode, merged, report);
  const routes = compileRoutes('path', merged, report);
  const excludedRoutes = compileRoutes('excludedPath', merged, report);

  const named: Diagnostic[] = [];
  for (const diagnostic of diagnostics) named.push({ functionName: entry.name, ...diagnostic });
  if (named.some(({ severity }) => severity === 'error')) return { diagnostics: named };

  const isGenerated = config.generatedFunctionsDirectories.includes(entry.functionsDirectory);
  const event = eventOfName(entry.name);
  const generator = settings.generator ?? (isGenerated ? generatedBy : undefined);
  const isBackground = mode === 'background';
  const spec: FunctionSpec = {
    name: entry.name,
    entry,
    mode,
    ...(facts === undefined ? {} : { authoring: facts.authoring }),
    streaming: !isBackground && (facts?.streaming ?? false),
    priority: isGenerated ? 0 : 10,
    timeoutSeconds:
      settings.timeout ?? (isBackground ? backgroundTimeoutSeconds : syncTimeoutSeconds),
    maxPayloadBytes: isBackground ? backgroundMaxPayloadBytes : syncMaxPayloadBytes,
    ...(isBackground ? { retry: retryPolicy(settings.retry) } : {}),
    ...(isBackground && settings.destinations !== undefined
      ? { destinations: settings.destinations }
      : {}),
    ...(settings.schedule === undefined ? {} : { schedule: settings.schedule.trim() }),
    routes: routes.map((route) =>
      Object.assign(
        route,
        { methods: [...new Set(settings.method)] },
        settings.preferStatic === true ? { prefer_static: true } : {},
      ),
    ),
    excludedRoutes,
    methods: [...new Set(settings.method)],
    ...(settings.memory === undefined ? {} : { memoryMb: settings.memory }),
    ...(settings.vcpu === undefined ? {} : { vcpu: settings.vcpu }),
    ...(settings.architecture === undefined ? {} : { architecture: settings.architecture }),
    ...(settings.region === undefined ? {} : { region: settings.region }),
    ...(settings.rateLimit === undefined
      ? {}
      : { trafficRules: trafficRulesOf(settings.rateLimit) }),
    eventSubscriptions: [
      ...new Set([...(event === undefined ? [] : [event]), ...(facts?.eventHandlers ?? [])]),
    ],
    ...(settings.name === undefined ? {} : { displayName: settings.name }),
    ...(generator === undefined ? {} : { generator }),
    bundling: bundlingOf(merged, config.projectDirectory),
  };
  return { spec, diagnostics: named };
}

type Report = (
  code: DiagnosticCode,
  message: string,
  hint: string,
  at: readonly [SettingKey, ...SettingPath],
  severity?: Diagnostic['severity'],
) => void;

/**
 * The settings in a function's source: its `config`, and the cron expression of a v1 `schedule(…)`
 * wrapper.
 */
function sourceSettings(
  entry: Entry,
  facts: SourceFacts,
  projectDirectory: string,
  diagnostics: Diagnostic[],
): SettingsSource[] {
  const sources: SettingsSource[] = [];
  const { config, wrapperSchedule } = facts;
  if (wrapperSchedule !== undefined) {
    const locate = (): ReturnType<typeof locateIn> => locateIn(wrapperSchedule, []);
    const checked = checkSettings({
      values: { schedule: toPlain(wrapperSchedule) },
      label: '`schedule(…)`',
      locate,
      allowed: ['schedule'],
      spell: (key) => key,
    });
    diagnostics.push(...checked.diagnostics);
    sources.push(checked.source);
  }
  if (config?.kind === 'object') {
    const locate = (at: SettingPath): ReturnType<typeof locateIn> => locateIn(config, at);
    const checked = checkSettings({
      values: Object.fromEntries(
        Array.from(config.members, ([key, { value }]) => [key, toPlain(value)]),
      ),
      label: '`config`',
      locate,
      allowed: settingKeys,
      spell: (key) => key,
    });
    diagnostics.push(...checked.diagnostics);
    const { includedFiles, ...settings } = checked.source.settings;
    // Netlify reads globs in the source from the function's own directory, those of netlify.toml from the project's root.
    const rebased =
      includedFiles === undefined
        ? {}
        : {
            includedFiles: rebaseGlobs(
              includedFiles,
              path.dirname(entry.mainFile),
              projectDirectory,
            ),
          };
    sources.push({ ...checked.source, settings: { ...settings, ...rebased } });
  }
  return sources;
}

function decideMode(entry: Entry, { settings }: MergedSettings, report: Report): Mode {
  const hasSuffix = entry.name.endsWith(backgroundSuffix);
  if (hasSuffix && settings.background === false) {
    report(
      'CONFIG_CONTRADICTION',
      `The name "${entry.name}" makes it a background function, and \`background\` is false.`,
      `Remove \`background\`, or rename the function to "${entry.name.slice(0, -backgroundSuffix.length)}".`,
      ['background'],
    );
  }
  return hasSuffix || settings.background === true ? 'background' : 'sync';
}

function checkCombinations(
  entry: Entry,
  facts: SourceFacts | undefined,
  mode: Mode,
  merged: MergedSettings,
  report: Report,
): void {
  const { settings, isOwn } = merged;
  const isBackground = mode === 'background';
  if (settings.schedule !== undefined && settings.path !== undefined) {
    report(
      'CONFIG_CONTRADICTION',
      'A function with a `schedule` cannot have a `path`: it is called by the clock, not by requests.',
      'Remove one of them, or make two functions.',
      ['path'],
    );
  }
  const event = eventOfName(entry.name);
  if (event !== undefined && settings.path !== undefined) {
    report(
      'CONFIG_CONTRADICTION',
      `"${entry.name}" is called by the event ${event}; it cannot have a \`path\`.`,
      'Remove `path`, or rename the function.',
      ['path'],
    );
  }
  const handlers = facts?.eventHandlers ?? [];
  if (settings.path !== undefined && handlers.length > 0 && !handlers.includes('fetch')) {
    report(
      'CONFIG_CONTRADICTION',
      'A function that only handles events cannot have a `path`: nothing in it answers requests.',
      'Add `fetch` to the default export, or remove `path`.',
      ['path'],
    );
  }
  if (settings.memory !== undefined && settings.vcpu !== undefined) {
    report(
      'CONFIG_CONTRADICTION',
      '`memory` and `vcpu` cannot both be set: each sizes the function.',
      'Keep one of them.',
      ['vcpu'],
    );
  }
  if (!isBackground && settings.timeout !== undefined && settings.timeout > syncTimeoutSeconds) {
    report(
      'CONFIG_INVALID',
      `\`timeout\` of a synchronous function must be from 1 to ${syncTimeoutSeconds} seconds; it is ${settings.timeout}.`,
      'Set `background: true` (or end the name in "-background") to run for up to 900 seconds.',
      ['timeout'],
    );
  }
  if (settings.rateLimit?.action === 'rewrite' && settings.rateLimit.to === undefined) {
    report(
      'CONFIG_INVALID',
      '`rateLimit.action` is "rewrite", and there is no `rateLimit.to` to rewrite to.',
      "Add `to: '/too-many-requests'`, or remove `action`.",
      ['rateLimit', 'action'],
    );
  }
  for (const key of ['retry', 'destinations'] as const) {
    if (!isBackground && settings[key] !== undefined && isOwn(key)) {
      report(
        'CONFIG_NO_EFFECT',
        `\`${key}\` has no effect: "${entry.name}" is not a background function.`,
        'Set `background: true`, or remove it.',
        [key],
        'warning',
      );
    }
  }
  for (const key of ['excludedPath', 'preferStatic'] as const) {
    if (settings.path === undefined && settings[key] !== undefined) {
      report(
        'CONFIG_NO_EFFECT',
        `\`${key}\` has no effect without \`path\`.`,
        'Add `path`, or remove it.',
        [key],
        'warning',
      );
    }
  }
  if (isBackground && facts?.authoring === 1 && facts.streaming) {
    report(
      'CONFIG_NO_EFFECT',
      'A background function has no response to stream.',
      'Export the handler without `stream(…)`.',
      ['background'],
      'warning',
    );
  }
  for (const key of ['zisi', 'esbuild_zisi'] as const) {
    if (settings.nodeBundler === key) {
      report(
        'CONFIG_NO_EFFECT',
        `The bundler "${key}" is Netlify's own; bgfn chooses by itself.`,
        'Remove it, or write "esbuild", "nft" or "none".',
        ['nodeBundler'],
        'warning',
      );
    }
  }
}

function compileRoutes(
  key: 'path' | 'excludedPath',
  { settings }: MergedSettings,
  report: Report,
): ExcludedRoute[] {
  const routes: ExcludedRoute[] = [];
  const patterns = settings[key] ?? [];
  for (const [index, pattern] of patterns.entries()) {
    if (patterns.indexOf(pattern) !== index) continue;
    try {
      const route = routeOf(pattern);
      routes.push(route);
      const bracket = route.literal === undefined ? null : /\[(\w+)\]/.exec(pattern);
      if (bracket !== null) {
        report(
          'CONFIG_SUSPICIOUS',
          `"${bracket[0]}" in \`${key}\` is matched literally.`,
          `Write ":${bracket[1] ?? ''}" for a parameter.`,
          [key, index],
          'warning',
        );
      }
    } catch (error) {
      if (!(error instanceof PathPatternError)) throw error;
      report(
        'CONFIG_INVALID',
        `\`${key}\` "${pattern}" is not a valid URLPattern: ${error.message}.`,
        'See https://developer.mozilla.org/docs/Web/API/URL_Pattern_API.',
        [key, index],
      );
    }
  }
  return routes;
}

function retryPolicy(retry: MergedSettings['settings']['retry']): RetryPolicy {
  return {
    maxAttempts: retry?.maxAttempts ?? defaultRetry.maxAttempts,
    delaysSeconds: [...(retry?.delaysSeconds ?? defaultRetry.delaysSeconds)],
    maxEventAgeSeconds: retry?.maxEventAgeSeconds ?? defaultRetry.maxEventAgeSeconds,
  };
}

function bundlingOf({ settings }: MergedSettings, projectDirectory: string): BundlingSettings {
  const { nodeBundler } = settings;
  return {
    nodeBundler:
      nodeBundler === undefined || nodeBundler === 'zisi' || nodeBundler === 'esbuild_zisi'
        ? 'auto'
        : nodeBundler,
    externalNodeModules: settings.externalNodeModules ?? [],
    ignoredNodeModules: settings.ignoredNodeModules ?? [],
    includedFiles: settings.includedFiles ?? [],
    includedFilesBase: projectDirectory,
    nodeMajor: settings.nodeVersion ?? defaultNodeMajor,
  };
}
