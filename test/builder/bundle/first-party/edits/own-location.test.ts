import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../../support/bundle-rig.ts';
import { answer } from '../../support/sources.ts';

/** Function in a deep directory, so that its place is not the artifact's root. */
const shapes: readonly (readonly [what: string, statements: string, expression: string])[] = [
  ['import.meta destructured', `const { dirname } = import.meta;`, 'read(`${dirname}/n.txt`)'],
  [
    'import.meta destructured and renamed',
    `const { url: here } = import.meta;`,
    `read(new URL('./n.txt', here))`,
  ],
  ['an alias', `const m = import.meta;`, `read(new URL('n.txt', m.url))`],
  [
    'an alias that is handed over',
    `const dir = ((meta) => meta.dirname)(import.meta);`,
    `read(dir + '/n.txt')`,
  ],
  ['a name in brackets', '', `read(path.join(path.dirname(import.meta['filename']), 'n.txt'))`],
  ['import.meta.resolve', '', `read(fileURLToPath(import.meta.resolve('./n.txt')))`],
  ['import.meta.resolve of a module', '', `(await import(import.meta.resolve('./mod.mjs'))).name`],
  ['a computed import', `const file = './mod.mjs';`, `(await import(file)).name`],
  [
    'a computed import in a template',
    `const dir = './mods'; const load = (name) => import(\`\${dir}/\${name}.mjs\`);`,
    `(await load('one')).name`,
  ],
  [
    'createRequire without an extension',
    `const own = createRequire(import.meta.url);`,
    `own('./data').name`,
  ],
  ['a path above, added to the directory', '', `read(import.meta.dirname + '/../../top/t.txt')`],
  ['a path above in a template', '', 'read(`${import.meta.dirname}/../../top/t.txt`)'],
  [
    'a path above in a template with an unknown part',
    `const load = (name) => read(\`\${import.meta.dirname}/../../top/\${name}.txt\`);`,
    `load('t')`,
  ],
  [
    'a sum with an unknown part',
    `const load = (name) => read(import.meta.dirname + '/../../top/' + name + '.txt');`,
    `load('t')`,
  ],
  [
    'path.resolve upwards',
    '',
    `read(path.resolve(import.meta.dirname, '..', '..', 'top', 't.txt'))`,
  ],
  ['new URL upwards', '', `read(new URL('../../top/t.txt', import.meta.url))`],
  ['a path above the project', '', `read(import.meta.dirname + '/../../../shared/s.txt')`],
  [
    'path.join above the project',
    '',
    `read(path.join(import.meta.dirname, '../../../shared', 's.txt'))`,
  ],
  ['new URL above the project', '', `read(new URL('../../../shared/s.txt', import.meta.url))`],
  [
    'a directory above the project with an unknown part',
    `const load = (name) => read(path.join(import.meta.dirname, '../../../shared', name));`,
    `load('s.txt')`,
  ],
  [
    'a constant above the project that leads down again',
    `const root = path.resolve(import.meta.dirname, '../../..');
     const load = (name) => read(path.join(root, 'project/top', name)) + read(path.join(root, 'shared/s.txt'));`,
    `load('t.txt')`,
  ],
  [
    'the working directory and up',
    '',
    `read('../shared/s.txt') + read(process.cwd() + '/../shared/s.txt')`,
  ],
  [
    'a directory constant of another module',
    `import { here } from '../../lib/here.mjs';`,
    `read(path.join(here, '../top/t.txt'))`,
  ],
  [
    'a directory constant of CommonJS',
    `import { root } from '../../lib/root.cjs';`,
    `read(path.join(root, 'top/t.txt'))`,
  ],
];

test.each(shapes)(
  'a module in a deep directory finds files by %s',
  async (_what, statements, expression) => {
    await using rig = await BundleRig.create({
      'functions/deep/f.mjs': dedent`
      import { readFileSync } from 'node:fs';
      import { createRequire } from 'node:module';
      import path from 'node:path';
      import { fileURLToPath } from 'node:url';
      const read = (file) => readFileSync(file, 'utf8');
      ${statements}
      void [createRequire, path, fileURLToPath];
      ${answer(expression)}
    `,
      'functions/deep/n.txt': 'n',
      'functions/deep/data.json': '{"name":"n"}',
      'functions/deep/mod.mjs': `export const name = 'n';`,
      'functions/deep/mods/one.mjs': `export const name = 'n';`,
      'top/t.txt': 'n',
      'lib/here.mjs': dedent`
      import { dirname } from 'node:path';
      import { fileURLToPath } from 'node:url';
      export const here = dirname(fileURLToPath(import.meta.url));
    `,
      'lib/root.cjs': `exports.root = require('path').resolve(__dirname, '..');`,
      '../shared/s.txt': 'n',
    });
    const bundle = bundleOf(await rig.bundle('functions/deep/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toMatch(/^n+$/);
  },
);

test('a module in CommonJS finds its neighbours and loads one of them again', async () => {
  await using rig = await BundleRig.create({
    'functions/f.js': dedent`
      const { load } = require('../lib/load.cjs');
      exports.handler = async () => ({ statusCode: 200, body: load() });
    `,
    'lib/load.cjs': dedent`
      const fs = require('fs');
      exports.load = () => {
        const first = require('./count.cjs').next();
        delete require.cache[require.resolve('./count.cjs')];
        const text = fs.readFileSync(require.resolve('./note.txt'), 'utf8');
        const above = fs.readFileSync(__dirname + '/../top/t.txt', 'utf8');
        return [first, require('./count.cjs').next(), text, above].join();
      };
    `,
    'lib/count.cjs': `let count = 0; exports.next = () => (count += 1);`,
    'lib/note.txt': 'note',
    'top/t.txt': 'top',
  });
  const bundle = bundleOf(await rig.bundle('functions/f.js'));
  expect(await rig.call(bundle)).toBe('1,1,note,top');
});
