import type { z } from 'zod';
import type { Diagnostic, SourceLocation } from '../../diagnostic/diagnostic.ts';
import { didYouMean } from '../../diagnostic/did-you-mean.ts';
import { explainForeignKey, type ForeignKey } from './foreign-keys.ts';
import {
  functionSettingsSchema,
  nestedKeys,
  settingKeys,
  settingRules,
  settingSchema,
  type FunctionSettings,
  type SettingKey,
} from './function-settings.ts';
import { readSetting, type ReadingNote } from './read-setting.ts';

/** The key of a setting, and the keys and indices that lead to a value inside the setting. */
export type SettingPath = readonly (string | number)[];

/** The settings of one place: an in-source config, or one table of netlify.toml. */
export interface SettingsSource {
  readonly settings: FunctionSettings;
  /** The name of the place in messages: "`config`" or "netlify.toml". */
  readonly label: string;
  /** The location of a setting, or of the nearest value around the setting that has a location. */
  readonly locate: (setting: SettingPath) => SourceLocation | undefined;
  /**
   * The globs of `includedFiles` as they were written, relative to an absolute directory; undefined
   * when they are relative to the project, as in `settings`.
   */
  readonly writtenGlobs?:
    | { readonly directory: string; readonly globs: readonly string[] }
    | undefined;
}

/** Settings as their author wrote them, before any check. */
export interface UncheckedSettings {
  readonly values: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly locate: (setting: SettingPath) => SourceLocation | undefined;
  /** The settings that are allowed in this place. */
  readonly allowed: readonly SettingKey[];
  /** Returns a key in the spelling of the place: netlify.toml uses snake_case. */
  readonly spell: (key: string) => string;
  /** The sign between a key and its value. */
  readonly assign?: ': ' | ' = ';
  /** Whether the function's name makes it a background function. */
  readonly isBackground?: boolean;
}

/**
 * Checks settings against their rules. A value that cannot be understood is an error that names the
 * rule. A value that is beyond a limit of the platform, or that is written in an unusual form, is a
 * warning that says what is used. An unknown key is a warning that suggests the most similar key.
 * The valid settings are returned in either case.
 */
export function checkSettings(unchecked: UncheckedSettings): {
  readonly source: SettingsSource;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { values, label, locate, allowed } = unchecked;
  const valid: Partial<Record<SettingKey, unknown>> = {};
  const diagnostics: Diagnostic[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const known = allowed.find((candidate) => candidate === key);
    if (known === undefined) {
      diagnostics.push(unknownKey([key], allowed, unchecked));
      continue;
    }
    diagnostics.push(...unknownKeysInside(known, value, unchecked));
    const read = readSetting(known, value);
    diagnostics.push(...read.notes.map((note) => readOtherwise(known, note, unchecked)));
    if (read.value === undefined) continue;
    const result = settingSchema(known).safeParse(read.value);
    if (result.success) valid[known] = read.value;
    else diagnostics.push(...result.error.issues.map((issue) => wrong(known, issue, unchecked)));
  }
  return { source: { settings: functionSettingsSchema.parse(valid), label, locate }, diagnostics };
}

function wrong(
  key: SettingKey,
  issue: z.core.$ZodIssue,
  { values, label, locate, spell }: UncheckedSettings,
): Diagnostic {
  const inside = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const setting = existing(values, [key, ...inside]);
  const found = valueAt(values, setting);
  const detail = key === 'schedule' && typeof found === 'string' ? ` (${issue.message})` : '';
  return {
    severity: 'error',
    code: 'CONFIG_INVALID',
    message: `\`${spelled(setting, spell)}\` in ${label} must be ${ruleOf(setting)}; it is ${describe(found)}${detail}.`,
    hint: hintFor(key, found),
    location: locate(setting),
  };
}

function readOtherwise(
  key: SettingKey,
  { code, inside, problem, hint }: ReadingNote,
  { label, locate, spell }: UncheckedSettings,
): Diagnostic {
  const setting = [key, ...inside];
  return {
    severity: 'warning',
    code,
    message: `\`${spelled(setting, spell)}\` in ${label} ${problem}.`,
    hint,
    location: locate(setting),
  };
}

function unknownKeysInside(
  key: SettingKey,
  value: unknown,
  unchecked: UncheckedSettings,
): Diagnostic[] {
  const nested = nestedKeys[key];
  if (nested === undefined || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return [];
  return Object.keys(value)
    .filter((inner) => !nested.includes(inner))
    .map((inner) => unknownKey([key, inner], nested, unchecked));
}

function unknownKey(
  setting: readonly string[],
  allowed: readonly string[],
  unchecked: UncheckedSettings,
): Diagnostic {
  const { label, locate, spell } = unchecked;
  const key = setting.at(-1) ?? '';
  const isSetElsewhere = setting.length === 1 && settingKeys.some((known) => known === key);
  const foreign = setting.length === 1 ? foreignKey(key, unchecked) : undefined;
  const problem = isSetElsewhere ? 'has no effect there' : 'is not a setting bgfn knows';
  return {
    severity: 'warning',
    code: 'CONFIG_UNKNOWN_KEY',
    message: `\`${spelled(setting, spell)}\` in ${label} ${foreign?.problem ?? problem}.`,
    hint:
      foreign?.hint ??
      (isSetElsewhere
        ? `Set it in the function's own \`config\`.`
        : suggestionFor(key, allowed, spell)),
    location: locate(setting),
  };
}

function foreignKey(
  key: string,
  { values, allowed, spell, assign = ': ', isBackground = false }: UncheckedSettings,
): ForeignKey | undefined {
  const camelKey = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return explainForeignKey(camelKey, values[key], {
    allowed,
    values,
    isBackground: isBackground || values['background'] === true,
    write: (setting, value) => spell(setting) + assign + written(value, spell, assign),
  });
}

/** A value as it is written in the source or in netlify.toml. */
function written(value: unknown, spell: (key: string) => string, assign: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  const members = Object.entries(value).map(
    ([key, inner]) => spell(key) + assign + JSON.stringify(inner),
  );
  return `{ ${members.join(', ')} }`;
}

function suggestionFor(
  key: string,
  allowed: readonly string[],
  spell: UncheckedSettings['spell'],
): string {
  const meant = didYouMean(key, allowed);
  return meant === undefined
    ? `Known keys: ${allowed.map((name) => spell(name)).join(', ')}.`
    : `Did you mean \`${spell(meant)}\`?`;
}

function spelled(setting: SettingPath, spell: UncheckedSettings['spell']): string {
  return setting.map((part) => (typeof part === 'string' ? spell(part) : part)).join('.');
}

function ruleOf(setting: SettingPath): string {
  const keys = setting.filter((part) => typeof part === 'string');
  return settingRules[keys.join('.')] ?? settingRules[keys[0] ?? ''] ?? 'something else';
}

function hintFor(key: SettingKey, found: unknown): string | undefined {
  const isPath = key === 'path' || key === 'excludedPath';
  if (!isPath || typeof found !== 'string' || found === '' || found.includes('://')) {
    return undefined;
  }
  return `Write "/${found}".`;
}

/**
 * The path without the indices that the values do not have: the schema reads a single value as an
 * array of one, so that its issues have an index that the author did not write.
 */
function existing(values: unknown, setting: SettingPath): SettingPath {
  return setting.filter(
    (part, index) =>
      typeof part === 'string' || Array.isArray(valueAt(values, setting.slice(0, index))),
  );
}

function valueAt(values: unknown, setting: SettingPath): unknown {
  let value = values;
  for (const part of setting) {
    if (typeof value !== 'object' || value === null) return value;
    value = new Map<string, unknown>(Object.entries(value)).get(String(part));
  }
  return value;
}

/** The text of a value for a message, cut to 80 characters. */
function describe(value: unknown): string {
  const text = textOf(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function textOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value instanceof Date) return 'a date';
  if (Array.isArray(value)) return `the array ${JSON.stringify(value)}`;
  if (typeof value === 'object' && value !== null) return `the object ${JSON.stringify(value)}`;
  // JSON has no word for NaN and Infinity.
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
