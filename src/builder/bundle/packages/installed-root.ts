import path from 'node:path';

const marker = `${path.sep}node_modules${path.sep}`;

/**
 * The projects that are being bundled and lie below a directory called node_modules, with the
 * number of functions at work. Their own files are first-party all the same. The set is empty for
 * any other project.
 */
const projectsInside = new Map<string, number>();

/**
 * Makes `installedRoot` take the files of a project for first-party files, until the result is
 * disposed of, also if the project lies below a directory called node_modules.
 */
export function asFirstParty(projectDirectory: string): Disposable {
  if (!(projectDirectory + path.sep).includes(marker)) return { [Symbol.dispose]: () => undefined };
  const count = (change: number): void => {
    const functions = (projectsInside.get(projectDirectory) ?? 0) + change;
    if (functions === 0) projectsInside.delete(projectDirectory);
    else projectsInside.set(projectDirectory, functions);
  };
  count(1);
  return { [Symbol.dispose]: () => count(-1) };
}

/**
 * Returns the directory of the installed package that contains a file:
 * `/a/node_modules/@s/b/lib/x.js` → `/a/node_modules/@s/b`. Undefined for a first-party file. With
 * Yarn's `nodeLinker: pnpm` a package is in `node_modules/.store/<name and version>/package`.
 */
export function installedRoot(file: string): string | undefined {
  const at = file.lastIndexOf(marker);
  if (at === -1 || isOwnFile(file, at)) return undefined;
  const segments = file.slice(at + marker.length).split(path.sep);
  const name = segments.slice(0, segmentsOfRoot(segments[0]));
  return file.slice(0, at + marker.length) + name.join(path.sep);
}

/** Whether the last node_modules in a path lies above a project that contains the file. */
function isOwnFile(file: string, at: number): boolean {
  for (const project of projectsInside.keys()) {
    if (at < project.length && file.startsWith(project + path.sep)) return true;
  }
  return false;
}

function segmentsOfRoot(first: string | undefined): number {
  if (first === '.store') return 3;
  return first?.startsWith('@') === true ? 2 : 1;
}
