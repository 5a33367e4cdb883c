import path from 'node:path';

const marker = `${path.sep}node_modules${path.sep}`;

/**
 * Returns the directory of the installed package that contains a file:
 * `/a/node_modules/@s/b/lib/x.js` → `/a/node_modules/@s/b`. Undefined for a first-party file. With
 * Yarn's `nodeLinker: pnpm` a package is in `node_modules/.store/<name and version>/package`.
 */
export function installedRoot(file: string): string | undefined {
  const at = file.lastIndexOf(marker);
  if (at === -1) return undefined;
  const segments = file.slice(at + marker.length).split(path.sep);
  const name = segments.slice(0, segmentsOfRoot(segments[0]));
  return file.slice(0, at + marker.length) + name.join(path.sep);
}

function segmentsOfRoot(first: string | undefined): number {
  if (first === '.store') return 3;
  return first?.startsWith('@') === true ? 2 : 1;
}
