import type { Metafile } from 'esbuild';
import { expect, test } from 'vitest';
import { bundlePartsOf } from '../../../../../src/builder/bundle/esbuild/metafile/bundle-parts.ts';

const imports = (...paths: string[]): Metafile['inputs'][string] => ({
  bytes: 0,
  imports: paths.map((path) => ({ path, kind: 'import-statement' as const })),
});

test('parts are the sources with bytes in the output, each with its importer on the shortest way', () => {
  const parts = bundlePartsOf({
    inputs: {
      'bgfn:entry': imports('f.ts'),
      'f.ts': imports('node_modules/zod/index.js', 'lib/a.ts'),
      'node_modules/zod/index.js': imports('node_modules/zod/core.js'),
      'node_modules/zod/core.js': imports(),
      'lib/a.ts': imports('f.ts', 'lib/shaken.ts'),
      'lib/shaken.ts': imports(),
    },
    outputs: {
      'f.mjs': {
        bytes: 100,
        imports: [],
        exports: [],
        inputs: Object.fromEntries(
          Object.entries({
            'bgfn:entry': 5,
            'f.ts': 10,
            'node_modules/zod/index.js': 0,
            'node_modules/zod/core.js': 70,
            'lib/a.ts': 10,
            'lib/shaken.ts': 0,
          }).map(([name, bytesInOutput]) => [name, { bytesInOutput }]),
        ),
      },
    },
  });
  expect(parts).toEqual([
    { source: 'node_modules/zod/core.js', bytes: 70, importedBy: 'f.ts' },
    { source: 'f.ts', bytes: 10 },
    { source: 'lib/a.ts', bytes: 10, importedBy: 'f.ts' },
  ]);
});
