import { expect, test } from 'vitest';
import { layOut } from '../../../../src/builder/bundle/externals/node-modules-layout.ts';

/** Lays out packages that are written as `directory: { name: directory }`. */
function lay(
  roots: Record<string, string>,
  graph: Record<string, Record<string, string>>,
): Record<string, readonly string[]> {
  const packages = new Map(
    Object.entries(graph).map(([directory, names]) => [
      directory,
      { directory, dependencies: new Map(Object.entries(names)) },
    ]),
  );
  return Object.fromEntries(layOut(new Map(Object.entries(roots)), packages));
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
