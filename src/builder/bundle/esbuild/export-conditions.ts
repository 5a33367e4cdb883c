import { getTsconfig } from 'get-tsconfig';
import { defaultConditions } from '../packages/default-conditions.ts';

/**
 * Returns the conditions under which esbuild reads the `exports` and `imports` of packages, besides
 * `node` and `import` or `require`, which esbuild adds by itself. A list, even an empty one, also
 * keeps esbuild from adding `module`: a `require()` would then get an ES module where Node loads
 * CommonJS.
 *
 * The `customConditions` of the tsconfig.json that belongs to the function are added, because the
 * author's editor and type checker follow them, and the author runs the source with `node
 * --conditions`.
 *
 * @param mainFile Absolute path of the function's main file
 */
export function exportConditions(mainFile: string): string[] {
  return [...defaultConditions, ...customConditions(mainFile)];
}

function customConditions(mainFile: string): readonly string[] {
  try {
    return getTsconfig(mainFile)?.config.compilerOptions?.customConditions ?? [];
  } catch {
    // esbuild reports a tsconfig.json that cannot be read.
    return [];
  }
}
