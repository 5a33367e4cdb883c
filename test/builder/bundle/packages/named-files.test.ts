import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** Bundles and calls a function that returns `text()` of a package with these files. */
async function resultOf(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly text: string; readonly paths: readonly string[] }> {
  const own = Object.entries(files).map(([file, text]) => [`node_modules/own/${file}`, text]);
  await using rig = await BundleRig.create({
    ...Object.fromEntries(own),
    'node_modules/own/package.json': '{"name":"own","main":"index.js"}',
    'functions/f.mts': `import own from 'own';\n${answer('own.text()')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mts'));
  const paths = pathsOf(bundle)
    .filter((file) => file.startsWith('node_modules/own/'))
    .map((file) => file.slice('node_modules/own/'.length))
    .filter((file) => !/^(?:index\.js|place\.js|package\.json)$/.test(file));
  return { text: await rig.call(bundle), paths };
}

const unnamed = {
  'README.md': 'unnamed',
  'index.d.ts': 'unnamed',
  'index.js.map': 'unnamed',
  'test/index.js': 'unnamed',
  'docs/guide.md': 'unnamed',
};

/** A module that tells other modules of the package where it lies. */
const place = { 'place.js': `module.exports = __dirname;` };

describe('a package finds the files that its code names:', () => {
  test.each<readonly [what: string, named: Readonly<Record<string, string>>, code: string]>([
    [
      'type declarations in a table of names',
      { 'lib/lib.es5.d.ts': 'a', 'lib/lib.dom.d.ts': 'b' },
      `const libraries = [['es5', 'lib.es5.d.ts'], ['dom', 'lib.dom.d.ts']];
       exports.text = () => libraries.map(([, name]) => read(path.join(place, 'lib', name))).join('');`,
    ],
    [
      'a document in docs, by one literal',
      { 'docs/schema.md': 'ab' },
      `exports.text = () => read(path.join(place, './docs/schema.md'));`,
    ],
    [
      'a text in test, by several literals',
      { 'test/data/sample.txt': 'ab' },
      `exports.text = () => read(path.join(place, 'test', 'data', 'sample.txt'));`,
    ],
    [
      'every file of a directory of examples',
      { 'examples/a.txt': 'a', 'examples/b.txt': 'b' },
      `const examples = path.join(place, 'examples');
       exports.text = () => ['a', 'b'].map((name) => read(examples + '/' + name + '.txt')).join('');`,
    ],
    [
      'headers and documents of a directory of templates',
      { 'templates/a.h': 'a', 'templates/b.md': 'b' },
      `const templates = path.resolve(place, 'templates');
       exports.text = () => fs.readdirSync(templates).map((name) => read(templates + '/' + name)).join('');`,
    ],
    [
      'TypeScript and JSX in a directory that is listed',
      { 'templates/a.ts': 'a', 'templates/b.jsx': 'b' },
      `const templates = path.join(__dirname, 'templates');
       exports.text = () => fs.readdirSync(templates).map((name) => read(path.join(templates, name))).join('');`,
    ],
    [
      'a Makefile and a source map',
      { 'base/Makefile': 'a', 'base/base.js.map': 'b' },
      `exports.text = () => read(place + '/base/Makefile') + read(place + '/base/base.js.map');`,
    ],
  ])('%s', async (_, named, code) => {
    const { text, paths } = await resultOf({
      ...unnamed,
      ...place,
      ...named,
      'index.js': dedent`
        const fs = require('fs');
        const path = require('path');
        const place = require('./place.js');
        const read = (file) => fs.readFileSync(file, 'utf8');
        ${code}
        ${'//'}# sourceMappingURL=index.js.map
      `,
    });
    expect(text).toBe('ab');
    expect(paths).toEqual(Object.keys(named).toSorted());
  });
});
