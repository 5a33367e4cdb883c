import path from 'node:path';

/** A package that goes into the artifact, with the packages that its code finds there by name. */
export interface LaidOutPackage {
  /** Absolute real path, which identifies the package. */
  readonly directory: string;
  /** Name as it is written in an import → directory of the package. */
  readonly dependencies: ReadonlyMap<string, string>;
}

/** The places of packages in the artifact (`node_modules/a`, `node_modules/b/node_modules/a`). */
export interface NodeModulesLayout {
  /** Package directory → the places of its files. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  /** Place → the other place of the same package to which the modules there forward. */
  readonly forwards: ReadonlyMap<string, string>;
}

/** From this number of places of one package on, further places forward to the first one. */
const maxPlaces = 16;

/**
 * Places packages under one `node_modules` so that Node finds from every package the version that
 * it found in the project, whatever the package manager's own layout was (hoisted, nested, or
 * pnpm's links).
 *
 * A package goes to the top when its name is free there, else into the `node_modules` of the
 * package that uses it. Packages are placed breadth first: once the dependencies of a package are
 * placed, nothing above them moves any more, so a visible version stays visible. A package has
 * several places when several of its users would otherwise find another version nearer.
 *
 * Two versions each of two packages can need each other in a circle (a1 → b1 → a2 → b2 → a1), which
 * no finite tree of directories satisfies. So a package that would be placed inside itself gets a
 * place that forwards to the outer one. The layout is finite: a package has at most `maxPlaces`
 * places, each place is visited once, and nothing is placed below a place that forwards.
 */
export function layOut(
  roots: ReadonlyMap<string, string>,
  packages: ReadonlyMap<string, LaidOutPackage>,
): NodeModulesLayout {
  const byPlace = new Map<string, string>();
  const places = new Map<string, string[]>();
  const forwards = new Map<string, string>();
  const queue: string[] = [];
  const place = (at: string, directory: string): void => {
    byPlace.set(at, directory);
    places.set(directory, [...(places.get(directory) ?? []), at]);
    queue.push(at);
  };
  const placeInside = (outer: string, at: string, directory: string): void => {
    const target = placeToForwardTo(outer, directory, byPlace, places.get(directory) ?? []);
    if (target === undefined) {
      place(at, directory);
    } else {
      byPlace.set(at, directory);
      forwards.set(at, target);
    }
  };
  for (const [name, directory] of sorted(roots)) place(`node_modules/${name}`, directory);
  // Array iteration also visits the places that are added while it runs.
  for (const at of queue) {
    const dependencies =
      packages.get(byPlace.get(at) ?? '')?.dependencies ?? new Map<string, string>();
    for (const [name, directory] of sorted(dependencies)) {
      const visible = visiblePlace(byPlace, at, name);
      if (visible === undefined) {
        place(`node_modules/${name}`, directory);
      } else if (byPlace.get(visible) !== directory) {
        placeInside(at, `${at}/node_modules/${name}`, directory);
      }
    }
  }
  return { places, forwards };
}

/**
 * Returns the place of a package to which a new place below `outer` forwards: the place of the same
 * package around it. Undefined when the new place gets files of its own.
 */
function placeToForwardTo(
  outer: string,
  directory: string,
  byPlace: ReadonlyMap<string, string>,
  places: readonly string[],
): string | undefined {
  for (let at = outer; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (byPlace.get(at) === directory) return at;
  }
  return places.length < maxPlaces ? undefined : places[0];
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
