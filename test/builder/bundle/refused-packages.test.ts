import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** Files of a CommonJS package in node_modules: path in the package → text. */
function packageOf(name: string, files: Readonly<Record<string, string>>): Record<string, string> {
  const json = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
  return Object.fromEntries(
    Object.entries({ 'package.json': json, ...files }).map(([file, text]) => [
      `node_modules/${name}/${file}`,
      text,
    ]),
  );
}

const locales = packageOf('locales', {
  'index.js': `exports.greet = (name) => require('./locale/' + name).hello;`,
  'locale/de.js': `exports.hello = 'Hallo';`,
  'locale/de.js.map': '{}',
  'locale/README.md': '# Locales',
  'locale/broken.js': 'const = 3;',
});

describe('a package stays a directory when esbuild cannot bundle it, because', () => {
  test('a pattern matches source maps, documentation and a broken file', async () => {
    await using rig = await BundleRig.create({
      ...locales,
      'functions/f.mjs': `import { greet } from 'locales';\n${answer(`greet('de')`)}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toContain('node_modules/locales/locale/de.js');
    expect(pathsOf(bundle)).not.toContain('node_modules/locales/locale/README.md');
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('Hallo');
  });

  test('a pattern reaches out of the package', async () => {
    await using rig = await BundleRig.create({
      ...packageOf('plain', { 'index.js': `exports.name = 'plain';`, 'broken.js': 'const = 3;' }),
      ...packageOf('host', {
        'index.js': `module.exports = require('./lib/index.js');`,
        'lib/index.js': `exports.load = (name) => require('../../../' + name); exports.name = 'host';`,
      }),
      'private/key.pem': 'secret',
      'node_modules/other/notes.txt': 'text',
      'node_modules/other/notes.unknown': 'text',
      'functions/f.mjs': dedent`
        import { name } from 'host';
        import plain from 'plain';
        ${answer('name + plain.name')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules'))).toEqual([
      'node_modules/host/index.js',
      'node_modules/host/lib/index.js',
      'node_modules/host/package.json',
    ]);
    expect(await rig.call(bundle)).toBe('hostplain');
  });

  test('a probe for an addon matches nothing', async () => {
    await using rig = await BundleRig.create({
      ...packageOf('probe', {
        'index.js': dedent`
          let native;
          try { native = require('./build/' + process.arch + '/x.node'); } catch {}
          exports.kind = native ? 'native' : 'plain';
        `,
      }),
      'functions/f.mjs': `import { kind } from 'probe';\n${answer('kind')}`,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('plain');
  });

  test('a file that only a browser loads has syntax that Node has not', async () => {
    await using rig = await BundleRig.create({
      ...packageOf('widget', {
        'index.js': `exports.render = () => 'text'; exports.view = () => require('./view.js');`,
        'view.js': 'module.exports = <b>view</b>;',
      }),
      ...packageOf('page', {
        'index.js': `exports.title = 'page'; exports.open = () => import('./page.html');`,
        'page.html': '<html></html>',
      }),
      'functions/f.mjs': dedent`
        import { render } from 'widget';
        import { title } from 'page';
        ${answer('render() + title')}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('textpage');
  });

  test('it has statements that ES modules forbid', async () => {
    await using rig = await BundleRig.create({
      ...packageOf('sloppy', {
        'index.js': dedent`
          var scope = { value: 1 };
          exports.read = function () { with (scope) { return value; } };
          exports.drop = function (x) { delete x; return typeof x; };
        `,
      }),
      'functions/f.mjs': `import { read, drop } from 'sloppy';\n${answer('read() + drop(2)')}`,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('1number');
  });
});

test('a package that Node cannot load either is an error, with the place', async () => {
  await using rig = await BundleRig.create({
    ...packageOf('jsx', {
      'index.js': `exports.view = require('./lib/view');`,
      'lib/view.js': 'module.exports = <b>view</b>;',
    }),
    'functions/f.mjs': `import { view } from 'jsx';\n${answer('view')}`,
  });
  const outcome = await rig.bundle('functions/f.mjs');
  expect(outcome.ok).toBe(false);
  if (outcome.ok) return;
  expect(outcome.diagnostics.map(({ location }) => location?.file)).toEqual([
    `${rig.project}/node_modules/jsx/lib/view.js`,
  ]);
});

test.each(['externalNodeModules', 'ignoredNodeModules'])(
  'esbuild does not read the packages in %s',
  async (list) => {
    await using rig = await BundleRig.create({
      ...locales,
      'functions/f.mjs': `import { greet } from 'locales';\n${answer(`greet('de')`)}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs', { [list]: ['locales'] }));
    expect(pathsOf(bundle).includes('node_modules/locales/locale/de.js')).toBe(
      list === 'externalNodeModules',
    );
  },
);

test('a listed package still makes the names of packages in the function count', async () => {
  await using rig = await BundleRig.create({
    'package.json': '{"dependencies":{"driver":"1.0.0","query":"1.0.0"}}',
    ...packageOf('query', { 'index.js': `exports.connect = (name) => require(name).kind;` }),
    ...packageOf('driver', { 'index.js': `exports.kind = 'driver';` }),
    'functions/f.mjs': `import { connect } from 'query';\n${answer(`connect('driver')`)}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs', { externalNodeModules: ['query'] }));
  expect(await rig.call(bundle)).toBe('driver');
});
