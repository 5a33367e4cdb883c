import { TomlError, parse } from 'smol-toml';
import { z } from 'zod';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { checkSettings, type SettingPath, type SettingsSource } from './check-settings.ts';
import { nestedKeys, type SettingKey } from './function-settings.ts';
import { locateTomlKeys } from './toml-locations.ts';

/** One table of `[functions]`: the settings of every function whose name matches the glob. */
export interface FunctionsRule extends SettingsSource {
  readonly glob: string;
}

export interface NetlifyToml {
  /** As written, relative to `base`. */
  readonly functionsDirectory?: string;
  /** `[build] base`: where the site's own directory is, relative to netlify.toml. */
  readonly base?: string;
  readonly rules: readonly FunctionsRule[];
  readonly warnings: readonly Diagnostic[];
}

/** The settings netlify.toml may hold, by their spelling there. */
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
/** Keys of `[functions]` that belong to others: not settings of a function, and not a mistake. */
const ignoredKeys = new Set(['directory', 'deno_import_map']);

const documentSchema = z.looseObject({
  build: z
    .looseObject({ functions: z.string().min(1).optional(), base: z.string().optional() })
    .optional(),
  functions: z
    .looseObject({
      directory: z.string().min(1).optional(),
      '*': z.looseObject({ directory: z.string().min(1).optional() }).optional(),
    })
    .optional(),
  context: z.record(z.string(), z.looseObject({ functions: z.unknown().optional() })).optional(),
});

/**
 * Reads the parts of a netlify.toml that concern functions.
 *
 * @param file Absolute path, for messages
 * @throws {BgfnError} Kind `config`, with file:line:column, when the text is not TOML, or a section
 *   or a setting has the wrong shape; it carries every finding. Unknown keys are warnings.
 */
export function parseNetlifyToml(file: string, source: string): NetlifyToml {
  const document = parseToml(file, source);
  const locate = locateTomlKeys(file, source);
  const checked = documentSchema.safeParse(document);
  if (!checked.success) {
    throw broken(
      checked.error.issues.map((issue): Diagnostic => {
        const path = issue.path.map(String);
        const location = locate(path);
        return {
          severity: 'error',
          code: 'CONFIG_INVALID',
          message: `\`${path.join('.')}\` in netlify.toml is wrong: ${issue.message}.`,
          ...(location === undefined ? {} : { location }),
        };
      }),
    );
  }
  const { build, functions = {}, context = {} } = checked.data;
  const functionsDirectory = functions.directory ?? functions['*']?.directory ?? build?.functions;
  const { rules, diagnostics } = readRules(functions, locate);

  for (const [name, section] of Object.entries(context)) {
    if (section.functions === undefined) continue;
    const location = locate(['context', name, 'functions']);
    diagnostics.push({
      severity: 'warning',
      code: 'CONFIG_CONTEXT_IGNORED',
      message: `\`[context.${name}.functions]\` in netlify.toml is not applied: bgfn builds one artifact for every deploy context.`,
      hint: 'Move the settings to [functions].',
      ...(location === undefined ? {} : { location }),
    });
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) throw broken(diagnostics);
  return {
    ...(functionsDirectory === undefined ? {} : { functionsDirectory }),
    ...(build?.base ? { base: build.base } : {}),
    rules,
    warnings: diagnostics,
  };
}

function parseToml(file: string, source: string): unknown {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [firstLine = ''] = error.message.split('\n');
    throw broken([
      {
        severity: 'error',
        code: 'CONFIG_SYNTAX',
        message: `netlify.toml is not valid TOML: ${firstLine.replace(/^Invalid TOML document: /, '')}.`,
        location: { file, line: error.line, column: error.column },
      },
    ]);
  }
}

function broken(diagnostics: readonly Diagnostic[]): BgfnError {
  return new BgfnError('CONFIG_INVALID', 'netlify.toml cannot be used.', {
    kind: 'config',
    diagnostics,
  });
}

function readRules(
  functions: Readonly<Record<string, unknown>>,
  locate: (path: SettingPath) => Diagnostic['location'],
): { rules: FunctionsRule[]; diagnostics: Diagnostic[] } {
  const rules: FunctionsRule[] = [];
  const diagnostics: Diagnostic[] = [];
  const forAll: Record<string, unknown> = {};
  const add = (
    glob: string,
    table: Readonly<Record<string, unknown>>,
    prefix: readonly string[],
  ): void => {
    const spellings = new Map<string, string>();
    const values: Record<string, unknown> = {};
    for (const [written, value] of Object.entries(table)) {
      if (ignoredKeys.has(written)) continue;
      const key = tomlKeys.get(written) ?? written;
      spellings.set(key, written);
      values[key] = isTable(value) ? camelKeys(value, spellings) : value;
    }
    const spell = (key: string): string => spellings.get(key) ?? snakeCase(key);
    const { source, diagnostics: found } = checkSettings({
      values,
      allowed,
      label: 'netlify.toml',
      locate: (path) =>
        locate([...prefix, ...path.map((part) => (typeof part === 'string' ? spell(part) : part))]),
      spell,
    });
    rules.push({ ...source, glob });
    diagnostics.push(...found);
  };

  for (const [key, value] of Object.entries(functions)) {
    if (!ignoredKeys.has(key) && (!isTable(value) || isSettingTable(key, value))) {
      forAll[key] = value;
    }
  }
  if (Object.keys(forAll).length > 0) add('*', forAll, ['functions']);
  for (const [key, value] of Object.entries(functions)) {
    if (!(key in forAll) && isTable(value)) add(key, value, ['functions', key]);
  }
  return { rules, diagnostics };
}

/**
 * `[functions.retry]` is a setting of all functions, unless its keys say that it is a function
 * called "retry".
 */
function isSettingTable(key: string, table: Readonly<Record<string, unknown>>): boolean {
  const setting = tomlKeys.get(key);
  const inner = setting === undefined ? undefined : nestedKeys[setting];
  return inner !== undefined && !Object.keys(table).some((name) => tomlKeys.has(name));
}

function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function camelKeys(
  table: Readonly<Record<string, unknown>>,
  spellings: Map<string, string>,
): Record<string, unknown> {
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
