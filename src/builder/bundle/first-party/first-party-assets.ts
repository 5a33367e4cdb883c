import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import { viaEsbuild } from '../esbuild/esbuild-process.ts';
import { isCode } from '../packages/package-files.ts';
import { installedRoot, packageOf } from '../packages/package-index.ts';
import { existingFile, type FirstPartyFile } from './first-party-file.ts';

/** Files that first-party code opens at run time. Absolute and sorted. */
export interface Assets {
  /** Copied as they are. */
  readonly data: readonly string[];
  /**
   * Modules that are loaded by path (workers, child processes): each becomes a bundle of its own at
   * its own place.
   */
  readonly modules: readonly string[];
}

/**
 * Finds the files that are named by literal paths: beside the file itself (evaluated by nft) or
 * below the working directory.
 */
export async function firstPartyAssets(
  files: readonly FirstPartyFile[],
  bundled: ReadonlySet<string>,
  projectDirectory: string,
): Promise<Assets> {
  const found = new Set<string>();
  const readers = files.filter(({ readsFiles }) => readsFiles).map(({ file }) => file);
  for (const file of await tracedAssets(readers, projectDirectory)) found.add(file);
  for (const { openedPaths } of files) {
    for (const opened of openedPaths) {
      const file = existingFile(path.resolve(projectDirectory, opened));
      if (file !== undefined) found.add(file);
    }
  }
  const sorted = [...found].filter((file) => !bundled.has(file) || !isCode(file)).toSorted();
  return {
    data: sorted.filter((file) => !isModule(file)),
    modules: sorted.filter((file) => isModule(file)),
  };
}

function isModule(file: string): boolean {
  return isCode(file) && installedRoot(file) === undefined;
}

/** Only what a file reads by path; what it imports is esbuild's part. */
async function tracedAssets(
  readers: readonly string[],
  projectDirectory: string,
): Promise<readonly string[]> {
  if (readers.length === 0) return [];
  const sources = new Map(
    await Promise.all(readers.map(async (file) => [file, await plainJavaScript(file)] as const)),
  );
  const { root } = path.parse(projectDirectory);
  // A workspace package beside the project brings its own files.
  const owned = [
    projectDirectory,
    ...readers.map((file) => packageOf(file)?.directory ?? path.dirname(file)),
  ].map((directory) => directory + path.sep);
  const { nodeFileTrace } = await import('@vercel/nft');
  const { fileList } = await nodeFileTrace([...readers], {
    base: root,
    processCwd: projectDirectory,
    readFile: async (file) => sources.get(file) ?? '',
    resolve: async () => [],
    ignore: (relative) =>
      !owned.some((directory) => `${root}${relative}`.startsWith(directory)) &&
      !sources.has(`${root}${relative}`),
  });
  const start = new Set(readers);
  return [...fileList]
    .map((relative) => root + relative)
    .filter(
      (file) =>
        !start.has(file) &&
        path.basename(file) !== 'package.json' &&
        existingFile(file) !== undefined,
    );
}

async function plainJavaScript(file: string): Promise<string> {
  const source = await readFile(file, 'utf8');
  const { code } = await viaEsbuild(() =>
    transform(source, {
      loader: /\.[cm]?ts$/.test(file) ? 'ts' : file.endsWith('x') ? 'tsx' : 'js',
      logLevel: 'silent',
      target: 'esnext',
    }),
  );
  return code;
}
