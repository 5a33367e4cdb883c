import type { Metafile } from 'esbuild';
import { describe, expect, test } from 'vitest';
import {
  evaluatedModules,
  modulesBelowRequire,
  statementsOutOfPlace,
} from '../../../../../src/builder/bundle/esbuild/metafile/evaluation-order.ts';

type Kind = Metafile['inputs'][string]['imports'][number]['kind'];

/** Returns a metafile of these modules: `await x` is loaded later, `require x` is required. */
function metafileOf(modules: Readonly<Record<string, readonly string[]>>): Metafile {
  const importOf = (text: string): Metafile['inputs'][string]['imports'][number] => {
    const [path = '', how] = text.split(' ').toReversed();
    const kinds: Readonly<Record<string, Kind>> = {
      await: 'dynamic-import',
      require: 'require-call',
    };
    return {
      path,
      kind: kinds[how ?? ''] ?? 'import-statement',
      external: path.startsWith('kept'),
      original: path,
    };
  };
  return {
    inputs: Object.fromEntries(
      Object.entries(modules).map(([name, imports]) => [
        name,
        { bytes: 1, imports: imports.map(importOf) },
      ]),
    ),
    outputs: {
      'f.mjs': { bytes: 1, inputs: {}, imports: [], exports: [], entryPoint: 'main' },
    },
  };
}

/** Lists `module → specifier` for the statements that are out of place. */
function outOfPlace(
  modules: Readonly<Record<string, readonly string[]>>,
  quiet: readonly string[] = [],
): readonly string[] {
  return statementsOutOfPlace(metafileOf(modules), {
    outsideOf: ({ statement }) => (statement.external === true ? statement.path : undefined),
    hasEffects: (input) => !quiet.includes(input),
  }).map(({ input, statement }) => `${input} → ${statement.path}`);
}

describe('a statement that leads outside is out of place', () => {
  test('after a module with effects, however deep', () => {
    expect(outOfPlace({ main: ['kept-1', 'a', 'kept-2'], a: ['b'], b: [] })).toEqual([
      'main → kept-2',
    ]);
    expect(outOfPlace({ main: ['a', 'kept'], a: ['b'], b: ['kept'] })).toEqual([]);
    expect(outOfPlace({ main: ['a', 'b'], a: [], b: ['kept'] })).toEqual(['b → kept']);
  });

  test('in a module that is loaded later, unless it is evaluated at the start anyway', () => {
    const later = { a: ['kept-1', 'kept-2'], b: ['kept-3'] };
    expect(outOfPlace({ main: ['kept-1', 'await a', 'require b'], ...later })).toEqual([
      'a → kept-2',
      'b → kept-3',
    ]);
  });

  test('not after modules that only declare, and not in a cycle', () => {
    expect(outOfPlace({ main: ['a', 'kept'], a: [] }, ['a'])).toEqual([]);
    expect(outOfPlace({ main: ['a'], a: ['b'], b: ['a', 'kept'] })).toEqual([]);
  });
});

test('modules are evaluated after those that they import, each once', () => {
  const metafile = metafileOf({
    main: ['a', 'b'],
    a: ['c', 'main'],
    b: ['c', 'await d'],
    c: [],
    d: [],
  });
  expect(evaluatedModules('main', metafile)).toEqual(['c', 'a', 'b', 'main']);
});

test('what a required module imports is below the require', () => {
  const metafile = metafileOf({ main: ['a', 'require b'], a: [], b: ['c'], c: ['await d'], d: [] });
  expect([...modulesBelowRequire(metafile)].toSorted()).toEqual(['b', 'c']);
});
