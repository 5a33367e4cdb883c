import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { compilePath } from '../discover/path-pattern.ts';

/** Beside us both in src/ (`.ts`) and in dist/ (`.js`). */
const ADAPTER_FILE = fileURLToPath(new URL(`../adapter/index${path.extname(import.meta.url)}`, import.meta.url));

const adapterSources = new Map<string, Promise<string>>();

/**
 * The adapter as one minified module. Built once in a process: it is the same in every artifact,
 * and as text it leaves no trace of where bgfn is installed.
 */
export function adapterSource(adapterFile: string = ADAPTER_FILE): Promise<string> {
  let source = adapterSources.get(adapterFile);
  if (source === undefined) {
    source = buildAdapter(adapterFile);
    adapterSources.set(adapterFile, source);
  }
  return source;
}

async function buildAdapter(adapterFile: string): Promise<string> {
  const result = await build({
    stdin: { contents: await readFile(adapterFile, 'utf8'), resolveDir: path.dirname(adapterFile), loader: 'ts', sourcefile: 'adapter.ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  return result.outputFiles[0]?.text ?? '';
}

/** The adapter's file in an artifact. A file of its own stays minified; inside the bundle esbuild would print it in full. */
export const ADAPTER_PATH = 'bgfn-adapter.mjs';

/** A pattern with groups as the adapter takes it: Node 22 has no URLPattern, and the expression is known here. */
function paramsRoute(pattern: string): [expression: string, ...groups: string[]][] {
  const { expression, groups } = compilePath(pattern);
  return groups.length === 0 ? [] : [[`^${expression}$`, ...groups]];
}

/**
 * The module that AWS, Netlify and bgfn load. `__bgfnCreateHandler` comes from the banner (esbuild-pass.ts).
 * `userModule` is the specifier of the function's module.
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
