import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  describeCycles,
  folderOf,
  type ImportArrow,
  readImportArrows,
  specifiersIn,
  topFolderOf,
} from './support/module-graph.ts';

const source = path.join(import.meta.dirname, '..', 'src');
const arrows = readImportArrows(source);

/**
 * The top folders of `src` with the other top folders that each may import. `.` stands for the
 * files directly in `src`, which are public entry points.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  '.': ['builder', 'diagnostic', 'manifest'],
  adapter: [],
  builder: ['diagnostic', 'files', 'manifest'],
  cli: ['builder', 'diagnostic', 'files', 'manifest', 'runtime', 'targets'],
  diagnostic: [],
  files: ['diagnostic'],
  manifest: ['diagnostic', 'files'],
  runtime: ['diagnostic', 'files', 'manifest'],
  targets: ['diagnostic', 'files', 'manifest'],
};

function forbidden(imports: readonly ImportArrow[]): readonly string[] {
  return imports
    .filter(({ from, to }) => {
      const [importer, imported] = [topFolderOf(from), topFolderOf(to)];
      return importer !== imported && !(mayImport[importer] ?? []).includes(imported);
    })
    .map(({ from, to }) => `${from} -> ${to}`);
}

describe('src', () => {
  test('has a rule for every top folder', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const named = folders.map(({ name }) => name);
    expect(named.filter((name) => mayImport[name] === undefined)).toEqual([]);
    expect(Object.keys(mayImport).filter((name) => name !== '.' && !named.includes(name))).toEqual(
      [],
    );
  });

  test('imports in the allowed direction only', () => {
    expect(forbidden(arrows)).toEqual([]);
  });

  test('has no cycle between folders', () => {
    expect(describeCycles(arrows, folderOf).join('\n\n')).toBe('');
  });

  test('has no cycle between files', () => {
    expect(describeCycles(arrows, (file) => file).join('\n\n')).toBe('');
  });

  test('is read completely: every arrow leads to a file, and there are hundreds of arrows', () => {
    const files = new Set(readdirSync(source, { recursive: true, encoding: 'utf8' }));
    expect(arrows.filter(({ to }) => !files.has(to) && !to.startsWith('..'))).toEqual([]);
    expect(arrows.length).toBeGreaterThan(500);
  });
});

describe('the checks themselves', () => {
  test('find each kind of import', () => {
    const text = [
      "import { a } from './value.ts';",
      "import type { B } from './type.ts';",
      "import './effect.ts';",
      "export * from './all.ts';",
      "export { c } from './some.ts';",
      "type D = import('./inline-type.ts').D;",
      "const e = await import('./dynamic.ts');",
      "const f = new URL('./named-only.ts', import.meta.url);",
    ].join('\n');
    expect(specifiersIn('made-up.ts', text).toSorted()).toEqual([
      './all.ts',
      './dynamic.ts',
      './effect.ts',
      './inline-type.ts',
      './some.ts',
      './type.ts',
      './value.ts',
    ]);
  });

  test('name the arrows of a folder cycle and the files behind them', () => {
    const madeUp = [
      { from: 'a/one.ts', to: 'a/deep/two.ts' },
      { from: 'a/deep/three.ts', to: 'b/four.ts' },
      { from: 'b/five.ts', to: 'a/six.ts' },
      { from: 'b/five.ts', to: 'c/seven.ts' },
    ];
    expect(describeCycles(madeUp, folderOf)).toEqual([
      [
        'a -> a/deep',
        '    a/one.ts -> a/deep/two.ts',
        'a/deep -> b',
        '    a/deep/three.ts -> b/four.ts',
        'b -> a',
        '    b/five.ts -> a/six.ts',
      ].join('\n'),
    ]);
    expect(describeCycles(madeUp, (file) => file)).toEqual([]);
  });

  test('name the arrows of a file cycle inside one folder', () => {
    const madeUp = [
      { from: 'a/one.ts', to: 'a/two.ts' },
      { from: 'a/two.ts', to: 'a/one.ts' },
    ];
    expect(describeCycles(madeUp, folderOf)).toEqual([]);
    expect(describeCycles(madeUp, (file) => file)).toEqual([
      'a/one.ts -> a/two.ts\na/two.ts -> a/one.ts',
    ]);
  });

  test.each([
    ['builder/pipeline.ts', 'runtime/runtime.ts'],
    ['runtime/queue/store.ts', 'builder/pack/pack.ts'],
    ['manifest/read.ts', 'builder/tools.ts'],
    ['diagnostic/codes.ts', 'manifest/schema.ts'],
    ['adapter/call.ts', 'diagnostic/codes.ts'],
    ['targets/sam/sam-template.ts', 'runtime/options.ts'],
    ['runtime/runtime.ts', 'cli/program.ts'],
    ['cli/program.ts', '../package.json'],
  ])('refuse %s -> %s', (from, to) => {
    expect(forbidden([{ from, to }])).toHaveLength(1);
  });
});
