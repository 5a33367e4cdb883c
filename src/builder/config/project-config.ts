import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { messageOf, systemErrorCode } from '../../diagnostic/system-error.ts';
import {
  emptyToml,
  parseNetlifyToml,
  type FunctionsRule,
  type NetlifyToml,
} from './netlify-toml.ts';

/** A project's functions directories, and its netlify.toml. All paths are absolute. */
export interface ProjectConfig {
  readonly projectDirectory: string;
  /**
   * The site's own directory: `[build] base` below the project's, else the project's. Netlify
   * builds there, and it is the working directory of the functions.
   */
  readonly siteDirectory: string;
  /**
   * In rising precedence: a function of a later directory replaces a function of the same name in
   * an earlier directory.
   */
  readonly functionsDirectories: readonly string[];
  /**
   * The directories among `functionsDirectories` that a framework wrote. Their functions have
   * priority 0.
   */
  readonly generatedFunctionsDirectories: readonly string[];
  /** The netlify.toml that was read; undefined for a project without netlify.toml. */
  readonly configFile: string | undefined;
  readonly rules: readonly FunctionsRule[];
  /** The findings about the parts of netlify.toml that have no effect. */
  readonly warnings: readonly Diagnostic[];
}

const defaultFunctionsDirectory = 'netlify/functions';
const generatedFunctionsDirectory = '.netlify/functions-internal';

export interface ProjectConfigOptions {
  /** The site's root; relative paths start here. */
  readonly projectDirectory: string;
  /** From the command line. */
  readonly functionsDirectories?: readonly string[] | undefined;
  /** The file to read instead of `<projectDirectory>/netlify.toml`; the file must exist. */
  readonly configFile?: string | undefined;
}

/**
 * Reads netlify.toml and finds the functions directories. The directories are those of the options,
 * else `[functions] directory`, else `[build] functions`, else `netlify/functions`. Netlify's
 * `.netlify/functions-internal`, where frameworks write functions, is added whenever it exists.
 *
 * @throws {BgfnError} Kind `config`, when a directory does not exist or netlify.toml cannot be read
 */
export async function loadProjectConfig(options: ProjectConfigOptions): Promise<ProjectConfig> {
  const projectDirectory = path.resolve(options.projectDirectory);
  await requireDirectory(
    projectDirectory,
    `The project directory ${projectDirectory} does not exist.`,
    'Run bgfn in the root of your site.',
  );
  const { file, toml } = await readToml(projectDirectory, options.configFile);
  const siteDirectory = await siteDirectoryOf(projectDirectory, toml.base ?? '');
  const generated = path.join(siteDirectory, generatedFunctionsDirectory);
  const generatedDirectories = (await kindOf(generated)) === 'directory' ? [generated] : [];
  const given = options.functionsDirectories ?? [];
  const own =
    given.length > 0
      ? await directoriesOfCommandLine(projectDirectory, given)
      : await directoriesOfSite(siteDirectory, toml, generatedDirectories.length > 0);
  return {
    projectDirectory,
    siteDirectory,
    functionsDirectories: [
      ...generatedDirectories.filter((directory) => !own.includes(directory)),
      ...new Set(own),
    ],
    generatedFunctionsDirectories: generatedDirectories,
    configFile: file,
    rules: toml.rules,
    warnings: toml.warnings,
  };
}

/** @param base Relative to the repository, also in a netlify.toml that is in that directory itself */
async function siteDirectoryOf(projectDirectory: string, base: string): Promise<string> {
  const directory = path.join(projectDirectory, base).replace(/(?<=.)\/$/, '');
  const isInBase = projectDirectory.endsWith(path.resolve(path.sep, base));
  return isInBase && (await kindOf(directory)) === undefined ? projectDirectory : directory;
}

async function directoriesOfCommandLine(
  projectDirectory: string,
  given: readonly string[],
): Promise<readonly string[]> {
  const directories = given.map((directory) => path.resolve(projectDirectory, directory));
  for (const directory of directories) {
    await requireDirectory(
      directory,
      `The functions directory ${directory} does not exist.`,
      'Check the path on the command line; it is relative to the project directory.',
    );
  }
  return directories;
}

/** @param hasGenerated Whether a framework wrote functions: the site then needs no own directory */
async function directoriesOfSite(
  siteDirectory: string,
  { functionsDirectory }: NetlifyToml,
  hasGenerated: boolean,
): Promise<readonly string[]> {
  if (functionsDirectory !== undefined) {
    const directory = path.resolve(siteDirectory, functionsDirectory.replace(/^\//, ''));
    await requireDirectory(
      directory,
      `The functions directory ${directory} does not exist.`,
      `netlify.toml names it ("${functionsDirectory}"): create it or correct the name.`,
    );
    return [directory];
  }
  const directory = path.join(siteDirectory, defaultFunctionsDirectory);
  if (hasGenerated && (await kindOf(directory)) === undefined) return [];
  await requireDirectory(
    directory,
    `There is no functions directory: ${directory} does not exist.`,
    'Create it, name another one (`bgfn build <directory>`), or set `directory` under [functions] in netlify.toml.',
  );
  return [directory];
}

async function readToml(
  projectDirectory: string,
  configFile: string | undefined,
): Promise<{ file: string | undefined; toml: NetlifyToml }> {
  const file = path.resolve(projectDirectory, configFile ?? 'netlify.toml');
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    if (missing && configFile === undefined) return { file: undefined, toml: emptyToml };
    throw new BgfnError(
      'CONFIG_UNREADABLE',
      missing
        ? `The configuration file ${file} does not exist.`
        : `${file} cannot be read: ${messageOf(error)}.`,
      {
        kind: 'config',
        hint: missing ? 'Check --config; it is relative to the project directory.' : undefined,
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
