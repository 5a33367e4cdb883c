import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import type { Exclusion } from '../copied-files/exclusion.ts';
import { existingFile } from '../copied-files/existing-file.ts';
import { viaEsbuild } from '../esbuild/esbuild-process.ts';
import { installedRoot } from '../packages/installed-root.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { isCode } from '../syntax/code-file.ts';
import type { FirstPartyFile } from './first-party-file.ts';

/** Files that first-party code opens at run time. Absolute and sorted. */
export interface OpenedFiles {
  /** Files that are copied into the artifact unchanged. */
  readonly copied: readonly string[];
  /**
   * Modules that are loaded by path (workers, child processes). Each becomes a bundle of its own,
   * at its own place in the artifact.
   */
  readonly modules: readonly string[];
}

export interface OpenedFilesRequest {
  readonly files: readonly FirstPartyFile[];
  /** Files that are in the bundle already. */
  readonly bundled: ReadonlySet<string>;
  readonly projectDirectory: string;
  readonly packages: PackageIndex;
  /** What the author excludes from the artifact. */
  readonly exclusion: Exclusion;
}

/**
 * Finds the files that are named by literal paths, relative to the file that names them (evaluated
 * by nft) or to the working directory.
 */
export async function findOpenedFiles(request: OpenedFilesRequest): Promise<OpenedFiles> {
  const { files, bundled, projectDirectory, exclusion } = request;
  const byPath = files
    .flatMap(({ openedPaths }) => openedPaths)
    .map((opened) => existingFile(path.resolve(projectDirectory, opened)))
    .filter((file) => file !== undefined);
  const found = new Set([...(await traceReadFiles(request)), ...byPath]);
  const sorted = [...found]
    .filter((file) => !bundled.has(file) || !isCode(file))
    .filter((file) => !exclusion.hasFile(file))
    .toSorted();
  return {
    copied: sorted.filter((file) => !isFirstPartyModule(file)),
    modules: sorted.filter((file) => isFirstPartyModule(file)),
  };
}

function isFirstPartyModule(file: string): boolean {
  return isCode(file) && installedRoot(file) === undefined;
}

/** Traces the files that are read by path. Imports are not traced, because esbuild follows them. */
async function traceReadFiles({
  files,
  projectDirectory,
  packages,
}: OpenedFilesRequest): Promise<readonly string[]> {
  const reading = files.filter(({ readsFiles }) => readsFiles);
  const readers = reading.map(({ file }) => file);
  if (readers.length === 0) return [];
  const sources = new Map(
    await Promise.all(reading.map(async (one) => [one.file, await plainJavaScript(one)] as const)),
  );
  const { root } = path.parse(projectDirectory);
  // The files of a workspace package beside the project belong to the function, too.
  const owned = [
    projectDirectory,
    ...readers.map((file) => packages.ownerOf(file)?.directory ?? path.dirname(file)),
  ].map((directory) => directory + path.sep);
  const isOwned = (file: string): boolean => owned.some((directory) => file.startsWith(directory));
  const { nodeFileTrace } = await import('@vercel/nft');
  const { fileList } = await nodeFileTrace(readers, {
    base: root,
    processCwd: projectDirectory,
    readFile: async (file) => sources.get(file) ?? '',
    resolve: async () => [],
    ignore: (relative) => !isOwned(root + relative) && !sources.has(root + relative),
  });
  return [...fileList]
    .map((relative) => root + relative)
    .filter(
      (file) =>
        !sources.has(file) &&
        path.basename(file) !== 'package.json' &&
        existingFile(file) !== undefined,
    );
}

/** Returns a file's text in JavaScript, without the load patterns, whose modules are known. */
async function plainJavaScript({ file, withoutPatterns }: FirstPartyFile): Promise<string> {
  const source = withoutPatterns ?? (await readFile(file, 'utf8'));
  const { code } = await viaEsbuild(() =>
    transform(source, { loader: loaderFor(file), logLevel: 'silent', target: 'esnext' }),
  );
  return code;
}

function loaderFor(file: string): 'js' | 'ts' | 'tsx' {
  if (/\.[cm]?ts$/.test(file)) return 'ts';
  return file.endsWith('x') ? 'tsx' : 'js';
}
