import { readFileSync } from 'node:fs';
import type { ReachedCode } from '../esbuild/metafile/reached-code.ts';
import { liesOutside } from '../esbuild/plugins/outside-plugin.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { packageFiles } from '../packages/package-files.ts';
import { importName } from '../packages/package.ts';
import type { BundleSession } from '../session/session.ts';
import { isCode } from '../syntax/code-file.ts';
import { hookedNamesIn } from '../syntax/loader-hook.ts';
import type { BundledCode } from './bundled-code.ts';

/**
 * Finds the packages that a hook of Node's module loader is for: tracing and monitoring change `pg`
 * when Node loads it, and never see a bundled `pg`. Such a package is named by a string literal, or
 * by a key of an object, in a first-party module that uses the hook, directly or through other
 * modules, in a package that does so, or in a package that one of these imports.
 *
 * @param directories Directories of the packages with reached files
 */
export function hookedPackages(
  { reached: { files: read, imports }, outside }: BundledCode,
  directories: Iterable<string>,
  { packages, scans }: BundleSession,
): ReadonlySet<string> {
  const unread = new Set(read.filter((file) => liesOutside(file, outside)).map(rootOf));
  const files = [...read, ...[...unread].flatMap((root) => packageFiles(root)).filter(isCode)];
  const hooks = files.filter((file) => scans.findingsIn(file).has('loader-hook'));
  if (hooks.length === 0) return new Set();
  // Of a package that esbuild did not read, the imports inside of it are unknown.
  const roots = new Set(hooks.map(rootOf).filter((root) => unread.has(root)));
  const entries = read.filter((file) => roots.has(rootOf(file)));
  const users = usersOf([...hooks, ...entries], imports);
  const directoryOf = (file: string): string | undefined => {
    const owner = packages.ownerOf(file);
    return owner?.installed === true ? owner.directory : undefined;
  };
  const using = new Set([...users].map(directoryOf));
  const used = imports
    .filter(({ importer }) => isIn(using, directoryOf(importer)))
    .map(({ resolved }) => directoryOf(resolved));
  const naming = new Set([...using, ...used]);
  const names = new Set<string>();
  for (const file of files) {
    if (!users.has(file) && !isIn(naming, directoryOf(file))) continue;
    for (const name of hookedNamesIn(readFileSync(file, 'latin1'))) names.add(name);
  }
  const hooked = [...directories].filter((directory) => {
    const owner = packages.at(directory);
    return owner !== undefined && !using.has(directory) && names.has(importName(owner));
  });
  return new Set(hooked);
}

function rootOf(file: string): string {
  return installedRoot(file) ?? file;
}

function isIn(
  directories: ReadonlySet<string | undefined>,
  directory: string | undefined,
): boolean {
  return directory !== undefined && directories.has(directory);
}

/** Returns the modules that import these modules, and so on, with these modules. */
function usersOf(modules: readonly string[], imports: ReachedCode['imports']): ReadonlySet<string> {
  const importers = new Map<string, string[]>();
  for (const { importer, resolved } of imports) {
    const known = importers.get(resolved);
    if (known === undefined) importers.set(resolved, [importer]);
    else known.push(importer);
  }
  const users = new Set(modules);
  // The loop also visits the modules that are added to the set while it runs.
  for (const file of users) for (const importer of importers.get(file) ?? []) users.add(importer);
  return users;
}
