import type { Metafile } from 'esbuild';
import { absoluteIn } from './metafile-path.ts';

/**
 * Returns the modules that are loaded by path and have code in common with the function or with
 * each other. In bundles of their own, they would have copies of that code: a plugin would register
 * itself with a registry that the function does not know.
 *
 * @param modules The modules that run in the function's thread; absolute
 */
export function sharedModules(
  { outputs }: Metafile,
  modules: ReadonlySet<string>,
  projectDirectory: string,
): ReadonlySet<string> {
  if (modules.size === 0) return modules;
  const absolute = absoluteIn(projectDirectory);
  const users = new Map<string, string[]>();
  for (const { entryPoint, inputs } of Object.values(outputs)) {
    if (entryPoint === undefined) continue;
    const user = entryPoint.startsWith('bgfn:') ? entryPoint : absolute(entryPoint);
    if (user !== entryPoint && !modules.has(user)) continue;
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput === 0) continue;
      const known = users.get(input);
      if (known === undefined) users.set(input, [user]);
      else known.push(user);
    }
  }
  const sharing = [...users.values()].filter((some) => some.length > 1).flat();
  return new Set(sharing.filter((user) => modules.has(user)));
}

const commonJsMark = '.bgfn.mjs';

/** The place of the code of a CommonJS module that shares code: an ES module beside it. */
export function sharedPlace(place: string): string {
  return place + commonJsMark;
}

/** The text of a CommonJS module whose code is in an ES module beside it. */
export function commonJsFacade(place: string): string {
  const name = place.slice(place.lastIndexOf('/') + 1);
  return `module.exports = require(${JSON.stringify(`./${sharedPlace(name)}`)}).default;\n`;
}
