import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { messageOf, systemErrorCode } from '../../diagnostic/system-error.ts';
import { parseNetlifyToml, type FunctionsRule, type NetlifyToml } from './netlify-toml.ts';

/** Where a project's functions are and what netlify.toml says about them. All paths are absolute. */
export interface ProjectConfig {
  readonly projectDirectory: string;
  /**
   * In rising precedence: a function of a later directory replaces one of the same name in an
   * earlier one.
   */
  readonly functionsDirectories: readonly string[];
  /** Those of `functionsDirectories` that a framework wrote; their functions get priority 0. */
  readonly generatedFunctionsDirectories: readonly string[];
  /** The netlify.toml that was read. */
  readonly configFile?: string;
  readonly rules: readonly FunctionsRule[];
  /** What netlify.toml says in vain. */
  readonly warnings: readonly Diagnostic[];
}

const defaultFunctionsDirectory = 'netlify/functions';
const generatedFunctionsDirectory = '.netlify/functions-internal';

/**
 * Finds netlify.toml and the functions directories. The directories are those given, else
 * `[functions] directory`, else `[build] functions`, else `netlify/functions`; and always Netlify's
 * `.netlify/functions-internal` where a framework wrote one.
 *
 * @param options.projectDirectory The site's root; relative paths start here
 * @param options.functionsDirectories From the command line
 * @param options.configFile Instead of `<projectDirectory>/netlify.toml`; it must exist
 * @throws {BgfnError} Kind `config`: no such directory, or a netlify.toml that cannot be read
 */
export async function loadProjectConfig(options: {
  projectDirectory: string;
  functionsDirectories?: readonly string[] | undefined;
  configFile?: string | undefined;
}): Promise<ProjectConfig> {
  const projectDirectory = path.resolve(options.projectDirectory);
  await requireDirectory(
    projectDirectory,
    `The project directory ${projectDirectory} does not exist.`,
    'Run bgfn in the root of your site.',
  );
  const { file, toml } = await readToml(projectDirectory, options.configFile);

  const given = options.functionsDirectories ?? [];
  const siteDirectory = path.join(projectDirectory, toml.base ?? '');
  const generated = path.join(siteDirectory, generatedFunctionsDirectory);
  const generatedExists = (await kindOf(generated)) === 'directory';

  let own: string[];
  if (given.length > 0) {
    own = given.map((directory) => path.resolve(projectDirectory, directory));
    for (const directory of own) {
      await requireDirectory(
        directory,
        `The functions directory ${directory} does not exist.`,
        'Check the path on the command line; it is relative to the project directory.',
      );
    }
  } else if (toml.functionsDirectory === undefined) {
    const directory = path.join(siteDirectory, defaultFunctionsDirectory);
    own = (await kindOf(directory)) === undefined && generatedExists ? [] : [directory];
    for (const one of own) {
      await requireDirectory(
        one,
        `There is no functions directory: ${one} does not exist.`,
        'Create it, name another one (`bgfn build <directory>`), or set `directory` under [functions] in netlify.toml.',
      );
    }
  } else {
    const directory = path.resolve(siteDirectory, toml.functionsDirectory.replace(/^\//, ''));
    await requireDirectory(
      directory,
      `The functions directory ${directory} does not exist.`,
      `netlify.toml names it ("${toml.functionsDirectory}"): create it or correct the name.`,
    );
    own = [directory];
  }

  const generatedDirectories = generatedExists && !own.includes(generated) ? [generated] : [];
  return {
    projectDirectory,
    functionsDirectories: [...generatedDirectories, ...new Set(own)],
    generatedFunctionsDirectories: generatedExists ? [generated] : [],
    ...(file === undefined ? {} : { configFile: file }),
    rules: toml.rules,
    warnings: toml.warnings,
  };
}

async function readToml(
  projectDirectory: string,
  configFile: string | undefined,
): Promise<{ file?: string; toml: NetlifyToml }> {
  const file = path.resolve(projectDirectory, configFile ?? 'netlify.toml');
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    if (missing && configFile === undefined) return { toml: { rules: [], warnings: [] } };
    throw new BgfnError(
      'CONFIG_UNREADABLE',
      missing
        ? `The configuration file ${file} does not exist.`
        : `${file} cannot be read: ${messageOf(error)}.`,
      {
        kind: 'config',
        ...(missing ? { hint: 'Check --config; it is relative to the project directory.' } : {}),
        cause: error,
      },
    );
  }
  return { file, toml: parseNetlifyToml(file, source.replace(/^\uFEFF/, '')) };
}

async function requireDirectory(directory: string, missing: string, hint: string): Promise<void> {
  const kind = await kindOf(directory);
  if (kind === 'directory') return;
  throw kind === undefined
    ? new BgfnError('FUNCTIONS_DIRECTORY_MISSING', missing, { kind: 'config', hint })
    : new BgfnError(
        'FUNCTIONS_DIRECTORY_NOT_A_DIRECTORY',
        `${directory} is a file, not a directory.`,
        { kind: 'config', hint: 'Name the directory that holds the functions.' },
      );
}

async function kindOf(file: string): Promise<'directory' | 'other' | undefined> {
  try {
    return (await stat(file)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new BgfnError(
      'FUNCTIONS_DIRECTORY_UNREADABLE',
      `${file} cannot be read: ${messageOf(error)}.`,
      { kind: 'config', cause: error },
    );
  }
}
