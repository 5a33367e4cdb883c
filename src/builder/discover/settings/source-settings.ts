import path from 'node:path';
import { checkSettings, type SettingsSource } from '../../config/check-settings.ts';
import { settingKeys } from '../../config/function-settings.ts';
import type { Entry } from '../scan/entry.ts';
import type { SourceFacts } from '../source-config/read-source.ts';
import { locateIn, toPlain, type StaticValue } from '../source-config/static-value.ts';
import { rebaseIncludedFiles } from './rebase-globs.ts';
import type { FoundSettings } from './setting-finding.ts';

/** What is known about a function without its source. */
export interface OutsideSource {
  readonly projectDirectory: string;
  /** Whether its name or netlify.toml makes it a background function. */
  readonly isBackground: boolean;
}

/**
 * The settings in a function's source: the cron expression of a v1 `schedule(…)` wrapper, and
 * `config`.
 */
export function settingsOfSource(
  { mainFile }: Entry,
  { wrapperSchedule, config }: SourceFacts,
  { projectDirectory, isBackground }: OutsideSource,
): FoundSettings {
  const found: ReturnType<typeof checkSettings>[] = [];
  if (wrapperSchedule !== undefined) found.push(settingsOfWrapper(wrapperSchedule));
  if (config?.kind === 'object') {
    const { source, diagnostics } = settingsOfConfig(config, isBackground);
    // On Netlify globs in the source are relative to the function's own directory, and globs in
    // netlify.toml to the project's root.
    const settings = rebaseIncludedFiles(source.settings, path.dirname(mainFile), projectDirectory);
    const writtenGlobs = {
      directory: path.dirname(mainFile),
      globs: source.settings.includedFiles ?? [],
    };
    found.push({ source: { ...source, settings, writtenGlobs }, diagnostics });
  }
  return {
    sources: found.map(({ source }): SettingsSource => source),
    diagnostics: found.flatMap(({ diagnostics }) => diagnostics),
  };
}

function settingsOfWrapper(cron: StaticValue): ReturnType<typeof checkSettings> {
  return checkSettings({
    values: { schedule: toPlain(cron) },
    label: '`schedule(…)`',
    locate: () => locateIn(cron, []),
    allowed: ['schedule'],
    spell: (key) => key,
  });
}

function settingsOfConfig(
  config: Extract<StaticValue, { kind: 'object' }>,
  isBackground: boolean,
): ReturnType<typeof checkSettings> {
  return checkSettings({
    values: Object.fromEntries(
      Array.from(config.members, ([key, { value }]) => [key, toPlain(value)]),
    ),
    label: '`config`',
    locate: (setting) => locateIn(config, setting),
    allowed: settingKeys,
    spell: (key) => key,
    isBackground,
  });
}
