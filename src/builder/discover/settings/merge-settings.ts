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
  /** The location of the value that wins. */
  readonly locate: (setting: readonly [SettingKey, ...SettingPath]) => SourceLocation | undefined;
  /**
   * Whether the setting was made for this function alone: in its source, or by a rule with its
   * exact name. A glob can match other functions too.
   */
  readonly isOwn: (key: SettingKey) => boolean;
}

const concatenated = ['externalNodeModules', 'ignoredNodeModules', 'includedFiles'] as const;

/**
 * The rules that match a name, the strongest last. A rule with more literal characters is stronger,
 * and so is the later of two equal rules.
 */
export function rulesFor(rules: readonly FunctionsRule[], name: string): FunctionsRule[] {
  return rules
    .filter(({ glob }) => matchesName(glob, name))
    .toSorted((a, b) => globWeight(a.glob) - globWeight(b.glob));
}

/**
 * Merges settings. Later values win, arrays are joined, and `retry` and `destinations` are merged
 * key by key. `memory` and `vcpu` are two ways to size a function, so the strongest source that has
 * one of them decides both.
 *
 * @param sources The weakest first
 */
export function mergeSettings(sources: readonly SettingsSource[]): MergedSettings {
  const owners = new Map<SettingKey, SettingsSource>();
  let settings: FunctionSettings = {};
  for (const source of sources) {
    settings = override(settings, source.settings);
    for (const key of settingKeys) if (source.settings[key] !== undefined) owners.set(key, source);
  }
  return {
    settings,
    locate: (setting) => owners.get(setting[0])?.locate(setting),
    isOwn: (key) => {
      const owner = owners.get(key);
      return owner !== undefined && !('glob' in owner && /[*?[{]/.test(String(owner.glob)));
    },
  };
}

function override(weaker: FunctionSettings, stronger: FunctionSettings): FunctionSettings {
  const merged: { -readonly [K in SettingKey]?: FunctionSettings[K] } = { ...weaker, ...stronger };
  if (stronger.memory !== undefined || stronger.vcpu !== undefined) {
    merged.memory = stronger.memory;
    merged.vcpu = stronger.vcpu;
  }
  for (const key of concatenated) {
    const values = [...(weaker[key] ?? []), ...(stronger[key] ?? [])];
    if (values.length > 0) merged[key] = [...new Set(values)];
  }
  if (weaker.retry !== undefined) merged.retry = { ...weaker.retry, ...stronger.retry };
  if (weaker.destinations !== undefined) {
    merged.destinations = { ...weaker.destinations, ...stronger.destinations };
  }
  return merged;
}
