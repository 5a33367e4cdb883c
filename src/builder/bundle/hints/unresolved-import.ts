import { existsSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { didYouMean } from '../../../diagnostic/did-you-mean.ts';
import { packageNameOf } from '../packages/package-name.ts';
import { readPackageJson } from '../packages/package.ts';
import { incompleteInstall } from './incomplete-install.ts';
import { installedPackageFor } from './installed-package.ts';
import { nearPath } from './near-path.ts';
import { reinstallCommand } from './reinstall-command.ts';

export type Advice = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

/**
 * Explains an import that could not be resolved: what is wrong and what to do.
 *
 * @param importer Absolute path of the importing file
 */
export function unresolvedImport(
  specifier: string,
  importer: string,
  projectDirectory: string,
): Advice {
  const directory = path.dirname(importer);
  if (isRelative(specifier) || path.isAbsolute(specifier)) {
    return { ...notFound(specifier), hint: pathHint(specifier, directory) };
  }
  if (specifier.startsWith('#')) {
    return { ...notFound(specifier), hint: 'Add it to "imports" in package.json.' };
  }
  const scheme = /^([a-z][a-z+.-]*):/.exec(specifier)?.[1];
  if (scheme !== undefined) return { ...notFound(specifier), hint: schemeHint(scheme) };
  return (
    packageAdvice(specifier, directory, projectDirectory) ?? {
      ...notFound(specifier),
      hint: nameHint(specifier, directory, projectDirectory),
    }
  );
}

function notFound(specifier: string): Pick<Diagnostic, 'code' | 'message'> {
  return { code: 'UNRESOLVED_IMPORT', message: `Cannot find "${specifier}".` };
}

function isRelative(specifier: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(specifier);
}

const codeExtension = /\.(?:d\.)?[cm]?[jt]sx?$/;

/** The hint for a path to a file that does not exist. */
function pathHint(specifier: string, directory: string): string {
  const target = path.resolve(directory, specifier.replace(/[?#].*$/, ''));
  if (isDirectory(target)) {
    return `${specifier} is a directory without an index file: name a file in it.`;
  }
  const stem = target.replace(codeExtension, '');
  if (existsSync(`${stem}.d.ts`)) {
    return `Only types are there (${path.basename(stem)}.d.ts): write "import type".`;
  }
  // An import of ./x or ./x.js means x.ts as well, so the names are compared without extension.
  const isCode = path.extname(target) === '' || codeExtension.test(target);
  const near = isCode
    ? nearPath(stem, (name) => name.replace(codeExtension, ''))
    : nearPath(target);
  if (near === undefined) {
    return 'Check the path: no such file, with any of the extensions that are tried.';
  }
  const ending = isCode && codeExtension.test(near.path) ? target.slice(stem.length) : undefined;
  const found = ending === undefined ? near.path : near.path.replace(codeExtension, '') + ending;
  const written = path.relative(directory, found).split(path.sep).join('/');
  const suggestion = written.startsWith('.') ? written : `./${written}`;
  return near.differsInCase && suggestion.toLowerCase() === specifier.toLowerCase()
    ? `Write "${suggestion}": upper and lower case differ on Linux, though not on most Macs.`
    : `Did you mean "${suggestion}"?`;
}

/** Schemes whose modules some other program provides. */
const schemes: ReadonlyMap<string, string> = new Map([
  ['bun', 'Bun'],
  ['npm', 'Deno'],
  ['jsr', 'Deno'],
  ['cloudflare', 'Cloudflare Workers'],
  ['astro', 'the Astro build of the site'],
  ['virtual', 'the bundler of the site'],
]);

function schemeHint(scheme: string): string {
  const provider = schemes.get(scheme);
  return provider === undefined
    ? `Node has no modules that start with "${scheme}:".`
    : `Modules that start with "${scheme}:" exist in ${provider} only; a function runs on Node.`;
}

/** The advice when a package of the name is there, but not what is imported of it. */
function packageAdvice(
  specifier: string,
  directory: string,
  projectDirectory: string,
): Advice | undefined {
  const found = installedPackageFor(directory, specifier);
  const name = packageNameOf(specifier);
  switch (found?.state) {
    case undefined:
    case 'complete':
      return undefined;
    case 'incomplete':
      return incompleteInstall(found, projectDirectory);
    case 'types-only':
      return {
        ...notFound(specifier),
        hint: `${name} has types and no code: write "import type".`,
      };
    case 'no-entry':
      return { ...notFound(specifier), hint: entryHint(specifier, found.entries) };
  }
}

/** Most entries of a package that a hint lists. */
const mostEntries = 6;

function entryHint(specifier: string, entries: readonly string[]): string {
  const name = packageNameOf(specifier);
  const subpath = `.${specifier.slice(name.length)}`;
  if (entries.length === 0) {
    return subpath === '.'
      ? `${name} is installed, but has no main module: import one of its files, as in "${name}/file.js".`
      : `${name} is installed, but has no such file. Check the path and the version of the package.`;
  }
  const specifiers = entries.map((entry) => name + entry.slice(1));
  const near = didYouMean(specifier, specifiers);
  if (near !== undefined) return `${name} does not export it. Did you mean "${near}"?`;
  const shown = specifiers.slice(0, mostEntries).map((entry) => `"${entry}"`);
  const more = specifiers.length > mostEntries ? ', …' : '';
  return `${name} is installed, but does not export it. It exports ${shown.join(', ')}${more}.`;
}

/** The form of names that can be installed. */
const installable = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/i;

function nameHint(specifier: string, directory: string, projectDirectory: string): string {
  const [first = ''] = specifier.split('/');
  const inProject = path.join(projectDirectory, specifier);
  if (first !== specifier && isDirectory(path.join(projectDirectory, first))) {
    const relative = path.relative(directory, inProject).split(path.sep).join('/');
    return (
      `It is a path in the project: write "${relative.startsWith('.') ? relative : `./${relative}`}", ` +
      `or add "${first}/*": ["./${first}/*"] to "paths" in tsconfig.json.`
    );
  }
  const name = packageNameOf(specifier);
  if (!installable.test(name)) {
    return `It is an alias: add "${first}/*" to "paths" in tsconfig.json, with the directory it stands for.`;
  }
  if (isDeclared(name, directory)) {
    return `package.json lists ${name}, but it is not installed: run "${reinstallCommand(directory)}".`;
  }
  if (isBuiltin(`node:${specifier}`)) {
    return `Write "node:${specifier}" for the module of Node, or install the package: npm install ${name}.`;
  }
  return `Install it: npm install ${name}. If it is an alias, add it to "paths" in tsconfig.json.`;
}

/** Whether a package.json above a directory lists a package. */
function isDeclared(name: string, directory: string): boolean {
  for (let at = directory; ; at = path.dirname(at)) {
    const json = readPackageJson(path.join(at, 'package.json'));
    const lists = [json?.dependencies, json?.devDependencies, json?.optionalDependencies];
    if (lists.some((list) => list !== undefined && Object.hasOwn(list, name))) return true;
    if (path.dirname(at) === at) return false;
  }
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}
