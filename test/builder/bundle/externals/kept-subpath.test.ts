import { expect, test } from 'vitest';
import { BundleRig, bundleOf, textOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** A package without `exports` that has to stay a directory. */
const toolbox = {
  'node_modules/toolbox/package.json': JSON.stringify({ name: 'toolbox', version: '1.0.0' }),
  'node_modules/toolbox/drill.js': `exports.size = require('node:fs').readFileSync(__dirname + '/size.txt', 'utf8');`,
  'node_modules/toolbox/size.txt': 'six',
  'node_modules/toolbox/saw/package.json': JSON.stringify({ main: './lib/saw.js' }),
  'node_modules/toolbox/saw/lib/saw.js': `exports.size = require('../../drill').size + 'ty';`,
};

test.each([
  ['a file without its extension', `import { size } from 'toolbox/drill';`, 'six'],
  ['a file with its extension', `import { size } from 'toolbox/drill.js';`, 'six'],
  ['a directory with a package.json', `import { size } from 'toolbox/saw';`, 'sixty'],
  ['an import()', `const { size } = await import('toolbox/drill');`, 'six'],
])('a kept import of %s finds the file that the bundler found', async (_what, load, size) => {
  await using rig = await BundleRig.create({
    ...toolbox,
    'functions/f.ts': `${load}\n${answer('size')}`,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.ts')))).toBe(size);
});

test('a kept import keeps its specifier when the package has exports', async () => {
  await using rig = await BundleRig.create({
    ...toolbox,
    'node_modules/toolbox/package.json': JSON.stringify({
      name: 'toolbox',
      version: '1.0.0',
      exports: { './drill': './drill.js' },
    }),
    'functions/f.ts': `import { size } from 'toolbox/drill';\n${answer('size')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.ts'));
  expect(textOf(bundle, 'f.mjs')).toContain('"toolbox/drill"');
  expect(await rig.call(bundle)).toBe('six');
});
