import path from 'node:path';

/** A package that goes into the artifact, with the packages that its code finds there by name. */
export interface LaidOutPackage {
  /** Absolute real path, which identifies the package. */
  readonly directory: string;
  /** Name as it is written in an import → directory of the package. */
  readonly dependencies: ReadonlyMap<string, string>;
}

/**
 * Places packages under one `node_modules` so that Node finds from every package the version that
 * it found in the project, whatever the package manager's own layout was (hoisted, nested, or
 * pnpm's links).
 *
 * A package goes to the top when its name is free there, else into the `node_modules` of the
 * package that uses it. Packages are placed breadth first: once the dependencies of a package are
 * placed, nothing above them moves any more, so a visible version stays visible.
 *
 * Returns package directory → its places in the artifact (`node_modules/a`,
 * `node_modules/b/node_modules/a`). A package has several places when several of its users would
 * otherwise find another version nearer.
 */
export function layOut(
  roots: ReadonlyMap<string, string>,
  packages: ReadonlyMap<string, LaidOutPackage>,
): ReadonlyMap<string, readonly string[]> {
  const byPlace = new Map<string, string>();
  const queue: string[] = [];
  const place = (at: string, directory: string): void => {
    byPlace.set(at, directory);
    queue.push(at);
  };
  for (const [name, directory] of sorted(roots)) place(`node_modules/${name}`, directory);
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const dependencies =
      packages.get(byPlace.get(at) ?? '')?.dependencies ?? new Map<string, string>();
    for (const [name, directory] of sorted(dependencies)) {
      const visible = visiblePlace(byPlace, at, name);
      if (visible === undefined) place(`node_modules/${name}`, directory);
      else if (byPlace.get(visible) !== directory) place(`${at}/node_modules/${name}`, directory);
    }
  }
  const places = new Map<string, string[]>();
  for (const [at, directory] of byPlace) {
    places.set(directory, [...(places.get(directory) ?? []), at]);
  }
  return places;
}

/**
 * Returns the place where Node finds `name` from inside the package at `from`: Node searches the
 * package's own `node_modules` first, then those above it.
 */
function visiblePlace(
  byPlace: ReadonlyMap<string, string>,
  from: string,
  name: string,
): string | undefined {
  for (let at = from; ; at = path.posix.dirname(at)) {
    if (path.posix.basename(at) !== 'node_modules') {
      const candidate = at === '.' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      if (byPlace.has(candidate)) return candidate;
    }
    if (at === '.') return undefined;
  }
}

function sorted(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
