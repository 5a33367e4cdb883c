import path from 'node:path';
import { installedRoot } from '../packages/installed-root.ts';

/** The files of a trace, before the boundary between packages and the project is applied. */
export interface UnboundedTrace {
  /** Absolute real paths. */
  readonly files: ReadonlySet<string>;
  /** File → the files that import or read it. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>;
  /** The generated modules with which the trace started. */
  readonly starts: ReadonlySet<string>;
  /**
   * Files that some module imports by the name of a package. A first-party file among them belongs
   * to a package of the workspace.
   */
  readonly imported: ReadonlySet<string>;
}

/**
 * Returns the files of a trace without the first-party files to which only the paths of installed
 * packages lead, and without what only these files lead to. A package may compute any path
 * (`path.relative(__dirname, x)`, `process.cwd()`), and a tracer takes the project for what such a
 * path means. A first-party file is part of an artifact only when first-party code names it, or
 * when a package imports it by name.
 */
export function filesWithinReach(trace: UnboundedTrace): ReadonlySet<string> {
  const { files, starts } = trace;
  if ([...files].every((file) => installedRoot(file) !== undefined)) return files;
  const children = childrenOf(trace);
  const reached = new Set(starts);
  // The loop also visits the files that are added to the set while it runs.
  for (const file of reached) {
    const isInstalled = !starts.has(file) && installedRoot(file) !== undefined;
    for (const child of children.get(file) ?? []) {
      const crosses = isInstalled && installedRoot(child) === undefined;
      if (!crosses || trace.imported.has(child)) reached.add(child);
    }
  }
  return new Set([...files].filter((file) => reached.has(file)));
}

function childrenOf({ files, parents }: UnboundedTrace): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const file of files) {
    for (const parent of parents.get(file) ?? []) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [file]);
      else known.push(file);
    }
  }
  return children;
}

/**
 * Returns the directory that a glob pattern of the tracer searches; undefined for a path without a
 * wildcard.
 */
export function searchedDirectory(pattern: string): string | undefined {
  const wildcard = pattern.indexOf('*');
  return wildcard === -1 ? undefined : path.dirname(pattern.slice(0, wildcard) + 'x');
}

/**
 * Whether a directory is an installed package or lies in one. The directories in which packages
 * lie, such as `node_modules` and `node_modules/@scope`, do not count.
 */
export function isInsidePackage(directory: string): boolean {
  const root = installedRoot(path.join(directory, 'x'));
  return root !== undefined && (directory === root || directory.startsWith(root + path.sep));
}
