import { expect, test } from 'vitest';
import {
  layOut,
  type NodeModulesLayout,
} from '../../../../src/builder/bundle/externals/node-modules-layout.ts';

type Graph = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Lays out packages that are written as `directory: { name: directory }`. */
function layoutOf(roots: Readonly<Record<string, string>>, graph: Graph): NodeModulesLayout {
  const packages = new Map(
    Object.entries(graph).map(([directory, names]) => [
      directory,
      { directory, dependencies: new Map(Object.entries(names)) },
    ]),
  );
  return layOut(new Map(Object.entries(roots)), packages);
}

function lay(
  roots: Readonly<Record<string, string>>,
  graph: Graph,
): Record<string, readonly string[]> {
  const { places, forwards } = layoutOf(roots, graph);
  expect(forwards.size).toBe(0);
  return Object.fromEntries(places);
}

test('packages go to the top while their names are free', () => {
  expect(lay({ a: 'a1' }, { a1: { b: 'b1' }, b1: { a: 'a1', '@s/c': 'c1' }, c1: {} })).toEqual({
    a1: ['node_modules/a'],
    b1: ['node_modules/b'],
    c1: ['node_modules/@s/c'],
  });
});

test('a second version goes below its user, and finds the packages at the top from there', () => {
  expect(lay({ a: 'a1', b: 'b1' }, { a1: { b: 'b2' }, b1: {}, b2: { a: 'a1' } })).toEqual({
    a1: ['node_modules/a'],
    b1: ['node_modules/b'],
    b2: ['node_modules/a/node_modules/b'],
  });
});

test('a version is placed twice when its users would find another version at the top', () => {
  const places = lay(
    { a: 'a1', b: 'b1', c: 'c1' },
    { a1: { c: 'c2' }, b1: { c: 'c2' }, c1: {}, c2: {} },
  );
  expect(places['c2']).toEqual(['node_modules/a/node_modules/c', 'node_modules/b/node_modules/c']);
});

test('the layout of versions that need each other is finite', () => {
  const places = lay(
    { a: 'a1', b: 'b1' },
    { a1: { b: 'b2' }, b1: { a: 'a2' }, a2: { b: 'b1' }, b2: { a: 'a1' } },
  );
  expect(places).toEqual({
    a1: ['node_modules/a'],
    b1: ['node_modules/b'],
    b2: ['node_modules/a/node_modules/b'],
    a2: ['node_modules/b/node_modules/a'],
  });
});

test('a circle of two versions each of two packages ends in places that forward', () => {
  const circle = { a1: { b: 'b1' }, b1: { a: 'a2' }, a2: { b: 'b2' }, b2: { a: 'a1' } };
  expect(lookupsThatFail({ a: 'a1' }, circle)).toEqual([]);
  const { forwards } = layoutOf({ a: 'a1' }, circle);
  expect(forwards.size).toBeGreaterThan(0);
});

test('a package that needs itself by a name that another version has forwards to itself', () => {
  const { places, forwards } = layoutOf(
    { a: 'a1', 'a@2': 'a2' },
    { a1: { a: 'a1' }, a2: { a: 'a2' } },
  );
  expect(Object.fromEntries(places)).toEqual({ a1: ['node_modules/a'], a2: ['node_modules/a@2'] });
  expect(Object.fromEntries(forwards)).toEqual({
    'node_modules/a@2/node_modules/a': 'node_modules/a@2',
  });
});

test('in the layout of any graph, every package finds from each of its places the version that it needs', () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 400; round += 1) {
    const { roots, graph } = randomGraph(random, 2 + Math.floor(random() * 5));
    expect({ roots, graph, failed: lookupsThatFail(roots, graph) }).toEqual({
      roots,
      graph,
      failed: [],
    });
  }
});

/** Returns the lookups that lead to another version than the graph says, as Node makes them. */
function lookupsThatFail(roots: Readonly<Record<string, string>>, graph: Graph): readonly string[] {
  const { places, forwards } = layoutOf(roots, graph);
  const byPlace = new Map(
    [...places].flatMap(([directory, own]) => own.map((place) => [place, directory] as const)),
  );
  for (const [place, target] of forwards) byPlace.set(place, byPlace.get(target) ?? 'nothing');
  const find = (from: string, name: string): string | undefined => {
    const parts = from.split('/');
    for (let length = parts.length; length >= 0; length -= 1) {
      if (parts[length - 1] === 'node_modules') continue;
      const found = byPlace.get([...parts.slice(0, length), 'node_modules', name].join('/'));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return [...places].flatMap(([directory, own]) =>
    own.flatMap((place) =>
      Object.entries(graph[directory] ?? {})
        .filter(([name, version]) => find(place, name) !== version)
        .map(([name, version]) => `${place} finds ${find(place, name)} as ${name}, not ${version}`),
    ),
  );
}

/** Makes a graph of packages with up to three versions each, which need each other at random. */
function randomGraph(
  random: () => number,
  names: number,
): { readonly roots: Readonly<Record<string, string>>; readonly graph: Graph } {
  const versionsOf = Array.from({ length: names }, () => 1 + Math.floor(random() * 3));
  const pick = (name: number): string =>
    `p${name}-${Math.floor(random() * (versionsOf[name] ?? 1))}`;
  const dependencies = (): Record<string, string> =>
    Object.fromEntries(
      versionsOf.map((_, name) => [`p${name}`, pick(name)] as const).filter(() => random() < 0.5),
    );
  const directories = versionsOf.flatMap((versions, name) =>
    Array.from({ length: versions }, (_, version) => `p${name}-${version}`),
  );
  const graph = Object.fromEntries(directories.map((directory) => [directory, dependencies()]));
  return { roots: dependencies(), graph };
}

/** A generator of Mulberry32, so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
