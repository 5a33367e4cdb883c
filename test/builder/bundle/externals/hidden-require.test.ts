import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** Files of a package that loads `dep` (and perhaps a module of its own) by the given code. */
function loader(code: string): Readonly<Record<string, string>> {
  return {
    'node_modules/loader/package.json':
      '{"name":"loader","main":"index.js","dependencies":{"dep":"1"}}',
    'node_modules/loader/index.js': code,
    'node_modules/loader/lib/own.js': `module.exports = 'own';`,
    'node_modules/dep/package.json': '{"name":"dep","main":"index.js"}',
    'node_modules/dep/index.js': `module.exports = 'dep';`,
    'functions/f.mts': dedent`
      import * as loader from 'loader';
      ${answer('await loader.load()')}
    `,
  };
}

describe('a package finds its dependencies and modules when it', () => {
  test.each<readonly [code: string, expected: string]>([
    [`const r = eval('require'); exports.load = () => r('dep');`, 'dep'],
    [`exports.load = () => eval('require')('dep');`, 'dep'],
    [
      `var req = typeof __webpack_require__ === 'function' ? __non_webpack_require__ : require;
       exports.load = () => req('dep');`,
      'dep',
    ],
    [`exports.load = () => module.require('dep');`, 'dep'],
    [`const load = require; exports.load = () => load('dep');`, 'dep'],
    [
      `let nativeRequire; nativeRequire = require; exports.load = () => nativeRequire('dep');`,
      'dep',
    ],
    [`var load = require; exports.load = () => load('./lib/' + ['own'].join(''));`, 'own'],
    [`const load = require.bind(null); exports.load = () => load('dep');`, 'dep'],
    [`exports.load = () => require.call(module, 'dep');`, 'dep'],
    [`exports.load = () => (0, require)('dep');`, 'dep'],
    [
      `const use = new Function('name', 'return import(name)');
       exports.load = async () => (await use('dep')).default;`,
      'dep',
    ],
    [
      `exports.load = (function (factory) { return factory(require, exports); })(
         function (require, exports) { return () => require('./lib/own'); });`,
      'own',
    ],
    [
      `const lazy = (load) => (name) => load(name);
       const use = lazy(require); exports.load = () => use('dep');`,
      'dep',
    ],
  ])('%s', async (code, expected) => {
    await using rig = await BundleRig.create(loader(code));
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(await rig.call(bundle)).toBe(expected);
  });
});

describe('a package is part of the bundle all the same when it', () => {
  test.each([
    `const fs = eval('require')('fs'); exports.load = () => typeof fs.readFileSync;`,
    `const load = require; exports.load = () => typeof load('node:fs').readFileSync;`,
    `exports.load = () => typeof (typeof require === 'function' ? require('fs') : {}).readFileSync;`,
    `exports.load = () => 'function'; // Use require, or module.require.`,
    `(function e(t, n, r) { function s(o) { var a = typeof require == 'function' && require;
       if (!n[o] && a && o > 9) return a(o, !0); return n[o](); } return s(r); })({}, [
       () => { exports.load = () => 'function'; }], 0);`,
  ])('%s', async (code) => {
    await using rig = await BundleRig.create(loader(code));
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules/'))).toEqual([]);
    expect(await rig.call(bundle)).toBe('function');
  });
});

test('a package that would load what is no name of a module is built', async () => {
  await using rig = await BundleRig.create(
    loader(dedent`
      let plugin = null;
      exports.load = () => (plugin === null ? require('fs').existsSync(__dirname + '/lib/own.js') : require(plugin));
      exports.never = () => require(null);
    `),
  );
  const bundle = bundleOf(await rig.bundle('functions/f.mts'));
  expect(await rig.call(bundle)).toBe('true');
});
