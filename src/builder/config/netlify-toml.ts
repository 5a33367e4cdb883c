import { TomlError, parse } from 'smol-toml';
import { z } from 'zod';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { checkSettings, type SettingsSource } from './check-settings.ts';
import { nestedKeys, type SettingKey } from './function-settings.ts';
import { locateTomlKeys } from './toml-locations.ts';

type Table = Readonly<Record<string, unknown>>;

/** One table of `[functions]`: the settings of every function whose name matches the glob. */
export interface FunctionsRule extends SettingsSource {
  readonly glob: string;
}

export interface NetlifyToml {
  /** The functions directory as written in the file, relative to `base`. */
  readonly functionsDirectory: string | undefined;
  /** `[build] base`: the site's own directory, relative to netlify.toml. */
  readonly base: string | undefined;
  readonly rules: readonly FunctionsRule[];
  readonly warnings: readonly Diagnostic[];
}

/** The value for a project without netlify.toml. */
export const emptyToml: NetlifyToml = {
  functionsDirectory: undefined,
  base: undefined,
  rules: [],
  warnings: [],
};

/** The settings that netlify.toml may contain, by their spelling in netlify.toml. */
const tomlKeys: ReadonlyMap<string, SettingKey> = new Map([
  ['background', 'background'],
  ['schedule', 'schedule'],
  ['timeout', 'timeout'],
  ['memory', 'memory'],
  ['architecture', 'architecture'],
  ['vcpu', 'vcpu'],
  ['region', 'region'],
  ['external_node_modules', 'externalNodeModules'],
  ['ignored_node_modules', 'ignoredNodeModules'],
  ['included_files', 'includedFiles'],
  ['node_bundler', 'nodeBundler'],
  ['node_version', 'nodeVersion'],
  ['retry', 'retry'],
  ['destinations', 'destinations'],
]);
const allowed = [...tomlKeys.values()];
/** Keys of `[functions]` that are valid, but are not settings of a function. */
const ignoredKeys = new Set(['directory', 'deno_import_map']);

const documentSchema = z.looseObject({
  build: z
    .looseObject({ functions: z.string().optional(), base: z.string().optional() })
    .optional(),
  functions: z
    .looseObject({
      directory: z.string().optional(),
      '*': z.looseObject({ directory: z.string().optional() }).optional(),
    })
    .optional(),
  context: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Parses the parts of a netlify.toml that concern functions. Unknown keys are warnings.
 *
 * @param file Absolute path, for messages
 * @param source The text of the file
 * @throws {BgfnError} `CONFIG_INVALID` with every finding, each with file:line:column, when the
 *   text is not TOML, or when a section or a setting has the wrong shape
 */
export function parseNetlifyToml(file: string, source: string): NetlifyToml {
  const document = parseToml(file, source);
  const locate = locateTomlKeys(file, source);
  const checked = documentSchema.safeParse(document);
  if (!checked.success) {
    throw unusable(checked.error.issues.map((issue) => wrongShape(issue, locate)));
  }
  const { build, functions = {}, context = {} } = checked.data;
  const { rules, diagnostics } = readRules(functions, locate);
  const findings = [...diagnostics, ...ignoredContexts(context, locate)];
  if (findings.some(({ severity }) => severity === 'error')) throw unusable(findings);
  return {
    // As on Netlify, an empty string sets nothing.
    functionsDirectory: [functions.directory, functions['*']?.directory, build?.functions].find(
      (directory) => directory !== undefined && directory !== '',
    ),
    base: build?.base === '' ? undefined : build?.base,
    rules,
    warnings: findings,
  };
}

type Locate = ReturnType<typeof locateTomlKeys>;

function wrongShape(issue: z.core.$ZodIssue, locate: Locate): Diagnostic {
  const keys = issue.path.map(String);
  return {
    severity: 'error',
    code: 'CONFIG_INVALID',
    message: `\`${keys.join('.')}\` in netlify.toml is wrong: ${issue.message}.`,
    location: locate(keys),
  };
}

function ignoredContexts(contexts: Table, locate: Locate): Diagnostic[] {
  return Object.entries(contexts)
    .filter(([, context]) => isTable(context) && context['functions'] !== undefined)
    .map(([name]) => ({
      severity: 'warning',
      code: 'CONFIG_CONTEXT_IGNORED',
      message: `\`[context.${name}.functions]\` in netlify.toml is not applied: bgfn builds one artifact for every deploy context.`,
      hint: 'Move the settings to [functions].',
      location: locate(['context', name, 'functions']),
    }));
}

function parseToml(file: string, source: string): unknown {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [firstLine = ''] = error.message.split('\n');
    throw unusable([
      {
        severity: 'error',
        code: 'CONFIG_SYNTAX',
        message: `netlify.toml is not valid TOML: ${firstLine.replace(/^Invalid TOML document: /, '')}.`,
        location: { file, line: error.line, column: error.column },
      },
    ]);
  }
}

function unusable(diagnostics: readonly Diagnostic[]): BgfnError {
  return new BgfnError('CONFIG_INVALID', 'netlify.toml cannot be used.', {
    kind: 'config',
    diagnostics,
  });
}

/**
 * The rules of `[functions]`: one rule for all functions (`*`, the weakest glob) from the settings
 * directly under `[functions]`, and one rule from each `[functions."<glob>"]`.
 */
function readRules(
  functions: Table,
  locate: Locate,
): { readonly rules: readonly FunctionsRule[]; readonly diagnostics: readonly Diagnostic[] } {
  const entries = Object.entries(functions).filter(([key]) => !ignoredKeys.has(key));
  const forAll = entries.filter(([key, value]) => !isTable(value) || isSettingTable(key, value));
  const read = forAll.length > 0 ? [readRule('*', Object.fromEntries(forAll), [], locate)] : [];
  for (const [glob, value] of Object.entries(functions)) {
    if (!isTable(value) || forAll.some(([key]) => key === glob)) continue;
    read.push(readRule(glob, value, [glob], locate));
  }
  return {
    rules: read.map(({ rule }) => rule),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** @param prefix The keys below `functions` that lead to the table */
function readRule(
  glob: string,
  table: Table,
  prefix: readonly string[],
  locate: Locate,
): { readonly rule: FunctionsRule; readonly diagnostics: readonly Diagnostic[] } {
  const spellings = new Map<string, string>();
  const values: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(table)) {
    if (ignoredKeys.has(written)) continue;
    const key = tomlKeys.get(written) ?? written;
    spellings.set(key, written);
    values[key] = isTable(value) ? camelKeys(value, spellings) : value;
  }
  const spell = (key: string): string => spellings.get(key) ?? snakeCase(key);
  const written = (part: string | number): string | number =>
    typeof part === 'string' ? spell(part) : part;
  const { source, diagnostics } = checkSettings({
    values,
    allowed,
    label: 'netlify.toml',
    locate: (setting) => locate(['functions', ...prefix, ...setting.map(written)]),
    spell,
    assign: ' = ',
    isBackground: glob.endsWith('-background'),
  });
  return { rule: { ...source, glob }, diagnostics };
}

/**
 * Whether a table directly under `[functions]` is a setting of all functions, and not the settings
 * of one function: `[functions.retry]` is a function called "retry" if a key in it is a setting.
 */
function isSettingTable(key: string, table: Table): boolean {
  const setting = tomlKeys.get(key);
  const inner = setting === undefined ? undefined : nestedKeys[setting];
  return inner !== undefined && !Object.keys(table).some((name) => tomlKeys.has(name));
}

function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function camelKeys(table: Table, spellings: Map<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([written, value]) => {
      const key = written.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      spellings.set(key, written);
      return [key, value];
    }),
  );
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
