import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import { compilePath } from '../../discover/routes/path-pattern.ts';
import { eventHandlerSlugs } from '../../discover/source-config/event-handlers.ts';
import type { AdapterModules, BundleFile } from '../contract/bundle.ts';
import { viaEsbuild } from './esbuild-process.ts';

const eventHandlerName = new RegExp(
  `\\b(?:${Object.keys(eventHandlerSlugs)
    .filter((name) => name !== 'fetch')
    .join('|')})\\b`,
);

const adapterSources = new Map<string, Promise<string>>();

/**
 * The adapter for an artifact of these files. Where all code is generated and names no event
 * handler, the part that dispatches Netlify's events stays away.
 */
export function adapterFor(files: readonly BundleFile[], adapter: AdapterModules): Promise<string> {
  const mayHandleEvents = files.some(({ path: file, content }) =>
    'bytes' in content ? eventHandlerName.test(latin1(content.bytes)) : /\.[cm]?js$/.test(file),
  );
  return adapterSource(mayHandleEvents ? adapter.whole : adapter.httpOnly);
}

/** What is looked for is ASCII, and this is a copy and no decoding. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/**
 * An adapter as one minified module. Built once in a process: it is the same in many artifacts, and
 * as text it leaves no trace of where bgfn is installed.
 */
function adapterSource(adapterFile: string): Promise<string> {
  let source = adapterSources.get(adapterFile);
  if (source === undefined) {
    source = buildAdapter(adapterFile);
    adapterSources.set(adapterFile, source);
  }
  return source;
}

async function buildAdapter(adapterFile: string): Promise<string> {
  const contents = await readFile(adapterFile, 'utf8');
  const result = await viaEsbuild(() =>
    build({
      stdin: {
        contents,
        resolveDir: path.dirname(adapterFile),
        loader: 'ts',
        sourcefile: 'adapter.ts',
      },
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
    }),
  );
  return result.outputFiles[0]?.text ?? '';
}

/**
 * The adapter's file in an artifact. A file of its own stays minified; inside the bundle esbuild
 * would print it in full.
 */
export const adapterPath = 'bgfn-adapter.mjs';

/**
 * Netlify-cli opens one of two files in a prebuilt zip (`functions:serve`, v27): this one, or else
 * the base name of the manifest's `mainFile`. Where that is not the artifact's entry (`.mts`,
 * `.cjs`, `index.js` of a directory), this file leads to it.
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

/**
 * A pattern with groups as the adapter takes it: Node 22 has no URLPattern, and the expression is
 * known here.
 */
function paramsRoute(pattern: string): [expression: string, ...groups: string[]][] {
  const { expression, groups } = compilePath(pattern);
  return groups.length === 0 ? [] : [[`^${expression}$`, ...groups]];
}

/**
 * The module that AWS, Netlify and bgfn load. `__bgfnCreateHandler` comes from the banner
 * (esbuild-pass.ts). `userModule` is the specifier of the function's module.
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
