import { readFileSync } from 'node:fs';
import type { ReachedCode } from '../esbuild/reached-code.ts';
import { importName } from '../packages/package.ts';
import type { BundleSession } from '../session/session.ts';
import { hookedNamesIn } from '../syntax/loader-hook.ts';

/**
 * Finds the packages that a hook of Node's module loader is for: tracing and monitoring change `pg`
 * when Node loads it, and never see a bundled `pg`. Such a package is named by a string literal, or
 * by a key of an object, in a module that uses the hook, directly or through other modules.
 *
 * @param directories Directories of the packages with reached files
 */
export function hookedPackages(
  { files, imports }: ReachedCode,
  directories: Iterable<string>,
  { packages, scans }: BundleSession,
): ReadonlySet<string> {
  const hooks = files.filter((file) => scans.findingsIn(file).has('loader-hook'));
  if (hooks.length === 0) return new Set();
  const users = usersOf(hooks, imports);
  const names = new Set<string>();
  for (const file of users) {
    for (const name of hookedNamesIn(readFileSync(file, 'latin1'))) names.add(name);
  }
  const owners = new Set([...users].map((file) => packages.ownerOf(file)?.directory));
  const hooked = [...directories].filter((directory) => {
    const owner = packages.at(directory);
    return owner !== undefined && !owners.has(directory) && names.has(importName(owner));
  });
  return new Set(hooked);
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
