import { lstatSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageNameOf } from '../packages/package-name.ts';

/** What a directory in `node_modules` has to answer an import with. */
export type InstalledPackage = {
  /** Absolute, as in `node_modules`. */
  readonly directory: string;
  /** Whether the package is a link to a directory of the project, as in a workspace. */
  readonly isWorkspace: boolean;
} & (
  | { readonly state: 'complete' }
  /** A file that package.json names, or package.json itself, is missing. */
  | { readonly state: 'incomplete'; readonly missing: string }
  /** The package has no such entry. `entries` are those that it exports, as specifiers. */
  | { readonly state: 'no-entry'; readonly entries: readonly string[] }
  /** The package has declarations of types, and no code. */
  | { readonly state: 'types-only' }
);

const packageSchema = z.object({
  main: z.string().optional().catch(undefined),
  types: z.string().optional().catch(undefined),
  typings: z.string().optional().catch(undefined),
  exports: z.unknown().optional(),
});

/**
 * Looks at the package that a specifier means in a directory. Undefined when no directory in any
 * `node_modules` above has its name.
 */
export function installedPackageFor(
  fromDirectory: string,
  specifier: string,
): InstalledPackage | undefined {
  const name = packageNameOf(specifier);
  // A trace can take any text between quotes for a specifier.
  if (!/^(?:@[\w.~-]+\/)?[\w.~-]{1,214}$/.test(name)) return undefined;
  const directory = directoryOf(fromDirectory, name);
  if (directory === undefined) return undefined;
  const place = { directory, isWorkspace: isWorkspace(directory) };
  if (!isDirectory(directory)) return { ...place, state: 'incomplete', missing: 'its directory' };
  const json = readJson(path.join(directory, 'package.json'));
  if (json === undefined) return { ...place, state: 'incomplete', missing: 'package.json' };
  return { ...place, ...stateOf(directory, json, `.${specifier.slice(name.length)}`) };
}

type State =
  | { readonly state: 'complete' | 'types-only' }
  | { readonly state: 'incomplete'; readonly missing: string }
  | { readonly state: 'no-entry'; readonly entries: readonly string[] };

function stateOf(directory: string, json: z.infer<typeof packageSchema>, subpath: string): State {
  const { exports, main, types, typings } = json;
  if (exports !== undefined && exports !== null) {
    const targets = targetsOf(entryOf(exports, subpath));
    if (targets.length === 0) return { state: 'no-entry', entries: entriesOf(exports) };
    if (targets.some((target) => isModule(path.join(directory, target)))) {
      return { state: 'complete' };
    }
    return { state: 'incomplete', missing: withoutDot(targets[0] ?? '') };
  }
  if (subpath !== '.') {
    return isModule(path.join(directory, subpath))
      ? { state: 'complete' }
      : { state: 'no-entry', entries: [] };
  }
  if (isModule(path.join(directory, 'index')) || isModule(path.join(directory, main ?? 'index'))) {
    return { state: 'complete' };
  }
  if (main !== undefined && main !== '' && !/\.d\.[cm]?ts$/.test(main)) {
    return { state: 'incomplete', missing: withoutDot(main) };
  }
  if (readdirSync(directory).length === 1) return { state: 'incomplete', missing: 'index.js' };
  const hasTypes = (types ?? typings) !== undefined || directory.includes('/@types/');
  return hasTypes ? { state: 'types-only' } : { state: 'no-entry', entries: [] };
}

/** The value of `exports` for a subpath; undefined when there is none, or only a pattern. */
function entryOf(exports: unknown, subpath: string): unknown {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) {
    return subpath === '.' ? exports : undefined;
  }
  const entries = new Map<string, unknown>(Object.entries(exports));
  const isConditions = ![...entries.keys()].some((key) => key.startsWith('.'));
  if (isConditions) return subpath === '.' ? exports : undefined;
  return entries.get(subpath);
}

/** All files that a value of `exports` can lead to, except declarations of types. */
function targetsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'types' ? [] : targetsOf(inner)));
}

function entriesOf(exports: unknown): readonly string[] {
  if (typeof exports !== 'object' || exports === null) return ['.'];
  const keys = Object.keys(exports).filter((key) => key.startsWith('.'));
  return keys.length === 0 ? ['.'] : keys.filter((key) => key !== './package.json');
}

/** Whether Node or a bundler finds a module at a path, with the extensions that are tried. */
function isModule(file: string): boolean {
  return ['', '.js', '.json', '.node', '.mjs', '.cjs', '.ts', '/index.js', '/index.ts'].some(
    (end) => isFile(file + end),
  );
}

function directoryOf(fromDirectory: string, name: string): string | undefined {
  for (let at = fromDirectory; ; at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', name);
    if (lstatSync(candidate, { throwIfNoEntry: false }) !== undefined) return candidate;
    if (path.dirname(at) === at) return undefined;
  }
}

function isWorkspace(directory: string): boolean {
  try {
    return !realpathSync(directory).includes(`${path.sep}node_modules${path.sep}`);
  } catch {
    return false;
  }
}

function readJson(file: string): z.infer<typeof packageSchema> | undefined {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function withoutDot(target: string): string {
  return target.replace(/^\.\//, '');
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}
