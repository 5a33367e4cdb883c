import path from 'node:path';
import type { FunctionSpec } from '../../../discover/function-spec.ts';
import { compilePath } from '../../../discover/routes/path-pattern.ts';
import type { BundleFile } from '../../contract/bundle.ts';

/**
 * Returns the source of the module that AWS, Netlify and bgfn load. `__bgfnCreateHandler` comes
 * from the banner (banner.ts).
 *
 * @param userModule The specifier of the function's module
 */
export function entrySource(spec: FunctionSpec, userModule: string): string {
  const settings = JSON.stringify({
    name: spec.name,
    background: spec.mode === 'background',
    routes: spec.routes.flatMap((route) => paramsRoute(route.pattern)),
  });
  return [
    `import * as userModule from ${JSON.stringify(userModule)};`,
    `export const handler = __bgfnCreateHandler(userModule, ${settings});`,
    '',
  ].join('\n');
}

/**
 * Returns a pattern with groups in the adapter's form, and nothing for a pattern without groups.
 * The adapter gets the compiled expression, because Node 22 has no URLPattern.
 */
function paramsRoute(pattern: string): [expression: string, ...groups: string[]][] {
  const { expression, groups } = compilePath(pattern);
  return groups.length === 0 ? [] : [[`^${expression}$`, ...groups]];
}

/**
 * Returns the file that netlify-cli opens in a prebuilt zip (`functions:serve`, v27). Without this
 * file, netlify-cli opens the one with the base name of the manifest's `mainFile`. Where that is
 * not the artifact's entry (`.mts`, `.cjs`, `index.js` of a directory), the file re-exports the
 * entry.
 */
export function netlifyEntry(spec: FunctionSpec): readonly BundleFile[] {
  const entry = `${spec.name}.mjs`;
  if (path.basename(spec.entry.mainFile) === entry) return [];
  return [
    {
      path: '___netlify-entry-point.mjs',
      mode: 0o644,
      content: { bytes: Buffer.from(`export*from"./${entry}"`) },
    },
  ];
}
