import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { adapterModules } from '../../src/builder/adapter-modules.ts';
import { bundleFunction } from '../../src/builder/bundle/bundle-function.ts';
import { createBundleSession } from '../../src/builder/bundle/session/session.ts';
import type { FunctionSpec } from '../../src/builder/discover/function-spec.ts';
import { list } from '../../src/builder/list.ts';
import { javascriptSpec } from '../../test/support/function-spec.ts';

/**
 * Builds one function into an empty directory and resolves to the entry file. Rejects when the
 * build fails.
 */
export type MatrixBuild = (
  source: string,
  projectDirectory: string,
  outputDirectory: string,
) => Promise<string>;

/** One session, because all functions belong to one build. */
const session = createBundleSession();

/** Project directory → its functions with the settings in their sources. */
const listed = new Map<string, ReturnType<typeof list>>();

/** The spec of a function, with the settings in its source if it has a name that bgfn accepts. */
async function specOf(source: string, projectDirectory: string): Promise<FunctionSpec> {
  const functionsDirectories = [path.dirname(source)];
  const all = listed.get(projectDirectory) ?? list({ projectDirectory, functionsDirectories });
  listed.set(projectDirectory, all);
  const { functions } = await all;
  return (
    functions.find(({ entry }) => entry.mainFile === source) ??
    javascriptSpec(projectDirectory, source)
  );
}

export async function buildWithBgfn(
  source: string,
  projectDirectory: string,
  outputDirectory: string,
): Promise<string> {
  const name = path.basename(source, path.extname(source));
  const outcome = await bundleFunction({
    spec: await specOf(source, projectDirectory),
    options: {
      projectDirectory,
      minify: false,
      sourcemap: false,
      adapter: adapterModules(),
      target: {
        platform: 'linux',
        arch: process.arch === 'arm64' ? 'arm64' : 'x64',
        libc: 'glibc',
      },
    },
    session,
  });
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
  const { content } = outcome.value;
  if (content.kind === 'zip') throw new Error('not a JavaScript function');
  for (const file of content.files) {
    const place = path.join(outputDirectory, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    if ('bytes' in file.content) await writeFile(place, file.content.bytes);
    else await copyFile(file.content.copyFrom, place);
    await chmod(place, file.mode);
  }
  return path.join(outputDirectory, `${name}.mjs`);
}

/** Builds with esbuild as its documentation describes it for Node, with the usual `require` banner. */
export async function buildWithEsbuild(
  source: string,
  projectDirectory: string,
  outputDirectory: string,
): Promise<string> {
  const outfile = path.join(outputDirectory, 'function.mjs');
  await build({
    entryPoints: [source],
    absWorkingDir: projectDirectory,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'silent',
    banner: {
      js: `import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);`,
    },
  });
  return outfile;
}

/** Netlify's packager with its defaults, loaded from the directory that it is installed in. */
export async function zisiBuild(peersDirectory: string): Promise<MatrixBuild> {
  const entry = path.join(peersDirectory, 'node_modules/@netlify/zip-it-and-ship-it/dist/main.js');
  const {
    zipFunction,
  }: {
    zipFunction: (
      source: string,
      destination: string,
      options: object,
    ) => Promise<{ path: string; entryFilename?: string } | undefined>;
  } = await import(pathToFileURL(entry).href);
  return async (source, projectDirectory, outputDirectory) => {
    const result = await zipFunction(source, outputDirectory, {
      archiveFormat: 'none',
      basePath: projectDirectory,
    });
    if (result === undefined) throw new Error('no function found');
    return path.join(result.path, result.entryFilename ?? '___netlify-entry-point.mjs');
  };
}
