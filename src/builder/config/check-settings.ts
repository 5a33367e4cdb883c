import type { Diagnostic, SourceLocation } from '../../diagnostic/diagnostic.ts';
import { didYouMean } from '../../diagnostic/did-you-mean.ts';
import {
  functionSettingsSchema,
  nestedKeys,
  settingKeys,
  settingRules,
  settingSchema,
  type FunctionSettings,
  type SettingKey,
} from './function-settings.ts';

export type SettingPath = readonly (string | number)[];

/**
 * Settings from one place (an in-source config, one table of netlify.toml), and where each of them
 * stands.
 */
export interface SettingsSource {
  readonly settings: FunctionSettings;
  /** How messages call the place: "`config`" or "netlify.toml". */
  readonly label: string;
  /** Where a setting stands; the nearest thing around it when it has no place of its own. */
  readonly locate: (path: SettingPath) => SourceLocation | undefined;
}

export interface UncheckedSettings {
  readonly values: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly locate: (path: SettingPath) => SourceLocation | undefined;
  /** The keys that may stand in this place. */
  readonly allowed: readonly SettingKey[];
  /** A key as its author spells it; netlify.toml writes snake_case. */
  readonly spell: (key: string) => string;
}

/**
 * Holds settings against their rules. A wrong value is an error that names the rule; an unknown key
 * is a warning with what was probably meant. The settings that are right are returned in any case.
 */
export function checkSettings(unchecked: UncheckedSettings): {
  source: SettingsSource;
  diagnostics: Diagnostic[];
} {
  const { values, label, locate, spell } = unchecked;
  const right: Partial<Record<SettingKey, unknown>> = {};
  const diagnostics: Diagnostic[] = [];

  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const known = unchecked.allowed.find((candidate) => candidate === key);
    if (known === undefined) {
      diagnostics.push(unknownKey([key], unchecked.allowed, unchecked));
      continue;
    }
    const nested = nestedKeys[known];
    if (
      nested !== undefined &&
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value)
    ) {
      for (const inner of Object.keys(value)) {
        if (!nested.includes(inner)) diagnostics.push(unknownKey([key, inner], nested, unchecked));
      }
    }
    const result = settingSchema(known).safeParse(value);
    if (result.success) {
      right[known] = value;
      continue;
    }
    for (const issue of result.error.issues) {
      const path = existing(values, [
        key,
        ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
      ]);
      const found = valueAt(values, path);
      const detail = known === 'schedule' && typeof found === 'string' ? ` (${issue.message})` : '';
      diagnostics.push({
        severity: 'error',
        code: 'CONFIG_INVALID',
        message: `\`${path.map((part) => (typeof part === 'string' ? spell(part) : part)).join('.')}\` in ${label} must be ${ruleOf(path)}; it is ${describe(found)}${detail}.`,
        ...hintFor(known, found),
        ...at(locate(path)),
      });
    }
  }
  return { source: { settings: functionSettingsSchema.parse(right), label, locate }, diagnostics };
}

function unknownKey(
  path: readonly string[],
  allowed: readonly string[],
  { label, locate, spell }: UncheckedSettings,
): Diagnostic {
  const key = path.at(-1) ?? '';
  const meant = didYouMean(key, allowed);
  const elsewhere = path.length === 1 && settingKeys.some((known) => known === key);
  const hint = elsewhere
    ? `Set it in the function's own \`config\`.`
    : meant === undefined
      ? `Known keys: ${allowed.map((name) => spell(name)).join(', ')}.`
      : `Did you mean \`${spell(meant)}\`?`;
  return {
    severity: 'warning',
    code: 'CONFIG_UNKNOWN_KEY',
    message: `\`${path.map((part) => spell(part)).join('.')}\` in ${label} ${elsewhere ? 'has no effect there' : 'is not a setting bgfn knows'}.`,
    hint,
    ...at(locate(path)),
  };
}

function ruleOf(path: SettingPath): string {
  const keys = path.filter((part) => typeof part === 'string');
  return settingRules[keys.join('.')] ?? settingRules[keys[0] ?? ''] ?? 'something else';
}

const booleanWords: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['yes', 'true'],
  ['on', 'true'],
  ['false', 'false'],
  ['no', 'false'],
  ['off', 'false'],
]);

function hintFor(key: SettingKey, found: unknown): { hint?: string } {
  if (typeof found === 'string') {
    const boolean = booleanWords.get(found.toLowerCase());
    if (boolean !== undefined && settingRules[key] === 'true or false') {
      return { hint: `Write ${boolean} without quotes.` };
    }
    if (key === 'timeout' && /^\d+$/.test(found)) return { hint: `Write ${found} without quotes.` };
    if ((key === 'path' || key === 'excludedPath') && found !== '' && !found.includes('://')) {
      return { hint: `Write "/${found}".` };
    }
  }
  if (
    typeof found === 'string' &&
    ['externalNodeModules', 'ignoredNodeModules', 'includedFiles'].includes(key)
  ) {
    return { hint: `Write ["${found}"].` };
  }
  return {};
}

/** A single value stands for an array of one: its path has no index. */
function existing(values: unknown, path: readonly (string | number)[]): (string | number)[] {
  return path.filter(
    (part, index) =>
      typeof part === 'string' || Array.isArray(valueAt(values, path.slice(0, index))),
  );
}

function valueAt(values: unknown, path: SettingPath): unknown {
  let value = values;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return value;
    value = new Map<string, unknown>(Object.entries(value)).get(String(part));
  }
  return value;
}

/** A value as a message shows it, short. */
function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : value instanceof Date
        ? 'a date'
        : Array.isArray(value)
          ? `the array ${JSON.stringify(value)}`
          : `the object ${JSON.stringify(value)}`;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function at(location: SourceLocation | undefined): { location?: SourceLocation } {
  return location === undefined ? {} : { location };
}
