import type { SourceLocation } from '../../../diagnostic/diagnostic.ts';
import type { SettingPath, SettingsSource } from '../../config/check-settings.ts';
import {
  settingKeys,
  type FunctionSettings,
  type SettingKey,
} from '../../config/function-settings.ts';
import { globWeight, matchesName } from '../../config/name-glob.ts';
import type { FunctionsRule } from '../../config/netlify-toml.ts';

export interface MergedSettings {
  readonly settings: FunctionSettings;
  /** Where the value of a setting that counts was written. */
  readonly locate: (path: readonly [SettingKey, ...SettingPath]) => SourceLocation | undefined;
  /** Set by a rule of its own name or by its source, not by a glob that also means others. */
  readonly isOwn: (key: SettingKey) => boolean;
}

const concatenated = ['externalNodeModules', 'ignoredNodeModules', 'includedFiles'] as const;
const exclusive = ['memory', 'vcpu'] as const;

/**
 * The rules that match a name, the strongest last: more literal characters win, and of equals the
 * later one.
 */
export function rulesFor(rules: readonly FunctionsRule[], name: string): FunctionsRule[] {
  return rules
    .filter(({ glob }) => matchesName(glob, name))
    .toSorted((a, b) => globWeight(a.glob) - globWeight(b.glob));
}

/**
 * Merges settings, the weakest source first: later values win, arrays are joined, `retry` and
 * `destinations` key by key. `memory` and `vcpu` are two ways to size a function, so the strongest
 * source with either supplies both.
 */
export function mergeSettings(sources: readonly SettingsSource[]): MergedSettings {
  const owners = new Map<SettingKey, SettingsSource>();
  let settings: FunctionSettings = {};
  for (const source of sources) {
    if (exclusive.some((key) => source.settings[key] !== undefined)) {
      const { memory: _memory, vcpu: _vcpu, ...rest } = settings;
      settings = rest;
    }
    const joined: Partial<Record<(typeof concatenated)[number], string[]>> = {};
    for (const key of concatenated) {
      const values = [...(settings[key] ?? []), ...(source.settings[key] ?? [])];
      if (values.length > 0) joined[key] = [...new Set(values)];
    }
    const nested = {
      ...(settings.retry === undefined
        ? {}
        : { retry: { ...settings.retry, ...source.settings.retry } }),
      ...(settings.destinations === undefined
        ? {}
        : { destinations: { ...settings.destinations, ...source.settings.destinations } }),
    };
    settings = { ...settings, ...source.settings, ...joined, ...nested };
    for (const key of settingKeys) if (source.settings[key] !== undefined) owners.set(key, source);
  }
  return {
    settings,
    locate: (path) => owners.get(path[0])?.locate(path),
    isOwn: (key) => {
      const owner = owners.get(key);
      return owner !== undefined && !('glob' in owner && /[*?[{]/.test(String(owner.glob)));
    },
  };
}
