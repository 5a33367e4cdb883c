import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const imports = dedent`
  import path, { dirname, join } from 'node:path';
  import { fileURLToPath } from 'node:url';
`;

/** `dist/here.js` of a package hands over its location; `dist/index.js` makes a path of it. */
test.each<[what: string, here: string, use: string]>([
  [
    'a constant',
    `export const here = dirname(fileURLToPath(import.meta.url));`,
    `import { here } from './here.js'; const file = join(here, '../fonts/a.fnt');`,
  ],
  [
    'a URL in a variable',
    `const url = import.meta.url; export const here = path.dirname(fileURLToPath(url));`,
    `import { here } from './here.js'; const file = join(here, '../fonts/a.fnt');`,
  ],
  [
    'a name like the one of CommonJS',
    `export const __dirname = dirname(fileURLToPath(import.meta.url));`,
    `import { __dirname } from './here.js'; const file = join(__dirname, '../fonts/a.fnt');`,
  ],
  [
    'an export of such a name',
    `const __dirname = fileURLToPath(new URL('.', import.meta.url)); export { __dirname as here };`,
    `import { here } from './here.js'; const file = join(here, '..', 'fonts', 'a.fnt');`,
  ],
  [
    'such a name as the default export',
    `const __dirname = dirname(fileURLToPath(import.meta.url)); export default __dirname;`,
    `import here from './here.js'; const file = join(here, '../fonts/a.fnt');`,
  ],
  [
    'a directory above',
    `export const root = path.resolve(dirname(fileURLToPath(import.meta.url)), '..');`,
    `import { root } from './here.js'; const file = join(root, 'fonts/a.fnt');`,
  ],
  [
    'a URL above',
    `export const root = new URL('../', import.meta.url);`,
    `import { root } from './here.js'; const file = new URL('fonts/a.fnt', root);`,
  ],
  [
    'a static field',
    `export class Place { static here = import.meta.dirname; }`,
    `import { Place } from './here.js'; const file = join(Place.here, '../fonts/a.fnt');`,
  ],
  [
    'a default of a parameter',
    `export const asset = (name, dir = import.meta.dirname) => join(dir, '..', 'fonts', name);`,
    `import { asset } from './here.js'; const file = asset('a.fnt');`,
  ],
  [
    'an object',
    `export const meta = { dir: import.meta.dirname };`,
    `import { meta } from './here.js'; const file = join(meta.dir, '../fonts/a.fnt');`,
  ],
  [
    'import.meta itself',
    `export const { dirname: here } = import.meta;`,
    `import { here } from './here.js'; const file = join(here, '../fonts/a.fnt');`,
  ],
  [
    'an alias of import.meta',
    `const meta = import.meta; export const here = meta.dirname;`,
    `import { here } from './here.js'; const file = join(here, '../fonts/a.fnt');`,
  ],
  [
    'a name in brackets',
    `export const here = import.meta['dirname'];`,
    `import { here } from './here.js'; const file = join(here, '../fonts/a.fnt');`,
  ],
])('a package finds its files by the location of another module: %s', async (_what, here, use) => {
  await using rig = await BundleRig.create({
    'node_modules/fonts/package.json':
      '{"name":"fonts","version":"1.0.0","type":"module","exports":"./dist/index.js"}',
    'node_modules/fonts/dist/here.js': `${imports}\n${here}`,
    'node_modules/fonts/dist/index.js': dedent`
      import { readFileSync } from 'node:fs';
      import { join } from 'node:path';
      ${use}
      export const text = () => readFileSync(file, 'utf8');
    `,
    'node_modules/fonts/fonts/a.fnt': 'font',
    'functions/f.mjs': dedent`
      import { text } from 'fonts';
      ${answer('text()')}
    `,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('font');
});

test.each<[what: string, here: string, use: string]>([
  [
    'a directory above',
    `exports.root = require('path').resolve(__dirname, '..');`,
    `path.join(require('./here').root, 'fonts/a.fnt')`,
  ],
  [
    'the directory itself',
    `module.exports = __dirname;`,
    `path.join(require('./here'), '../fonts/a.fnt')`,
  ],
  ['a sum', `exports.root = __dirname + '/..';`, `require('./here').root + '/fonts/a.fnt'`],
  [
    'a field',
    `exports.Place = class { constructor() { this.here = __dirname; } };`,
    `path.join(new (require('./here').Place)().here, '../fonts/a.fnt')`,
  ],
])(
  'a package in CommonJS finds its files by the location of another module: %s',
  async (_what, here, use) => {
    await using rig = await BundleRig.create({
      'node_modules/fonts/package.json':
        '{"name":"fonts","version":"1.0.0","main":"dist/index.js"}',
      'node_modules/fonts/dist/here.js': here,
      'node_modules/fonts/dist/index.js': dedent`
      const fs = require('fs');
      const path = require('path');
      exports.text = () => fs.readFileSync(${use}, 'utf8');
    `,
      'node_modules/fonts/fonts/a.fnt': 'font',
      'functions/f.mjs': dedent`
      import { text } from 'fonts';
      ${answer('text()')}
    `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('font');
  },
);
