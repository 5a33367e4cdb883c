import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** CommonJS that works outside strict mode only; each exports `f`, which returns 'works'. */
const sloppy: Readonly<Record<string, string>> = {
  'a loop assigns to a name that nothing declares': dedent`
    function declares() { var i; for (i = 0; i < 1; i++) {} return i; }
    exports.f = function () {
      for (i = 0; i < 2; i++) {}
      for (key in { works: declares() }) {}
      return i === 2 && key;
    };
  `,
  'a chain of assignments makes a global name': dedent`
    var first = second = 'works';
    exports.f = function () { return globalThis.second; };
  `,
  'a pattern assigns to names that nothing declares': dedent`
    exports.f = function () {
      ({ one, two: [three] } = { one: 'wor', two: ['ks'] }); return one + three; };
  `,
  'a function that is called where it stands uses the global object as this': dedent`
    (function () { this.sharedName = 'works'; var root = this; root.other = 1; })();
    exports.f = function () { return globalThis.sharedName; };
  `,
  'a function refers to itself by arguments.callee': dedent`
    exports.f = function () {
      return (function (n) { return n === 0 ? 'works' : arguments.callee(n - 1); })(3);
    };
  `,
  'two parameters have one name': `exports.f = function (a, b, a) { return a ?? 'works'; };`,
  'a function expression assigns to its own name': dedent`
    exports.f = function own() { own = null; return typeof own === 'function' && 'works'; };
  `,
  'a variable is deleted': dedent`
    var kept = 'works';
    exports.f = function () { delete kept; return kept; };
  `,
};

describe.each(Object.entries(sloppy))('CommonJS in which %s works', (_name, source) => {
  test('in a package, which stays a directory', async () => {
    await using rig = await BundleRig.create({
      'node_modules/loose/package.json': '{"name":"loose","version":"1.0.0","main":"index.js"}',
      'node_modules/loose/index.js': source,
      'functions/f.mjs': `import { f } from 'loose';\n${answer('f()')}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toContain('node_modules/loose/index.js');
    expect(await rig.call(bundle)).toBe('works');
  });

  test("in the function's own code", async () => {
    await using rig = await BundleRig.create({
      'lib/loose.js': source,
      'functions/f.mjs': `import { f } from '../lib/loose.js';\n${answer('f()')}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('works');
  });
});

test('code that no edit can keep is a warning with its place', async () => {
  await using rig = await BundleRig.create({
    'lib/loose.js': dedent`
      var methods = { f() { return arguments.callee.length; } };
      exports.f = methods.f;
    `,
    'functions/f.mjs': `import { f } from '../lib/loose.js';\n${answer('f()')}`,
  });
  const { warnings } = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(warnings.map(({ code, location }) => [code, location?.line])).toEqual([
    ['SLOPPY_MODE', 1],
  ]);
});

test.each([
  ['a with statement', 'exports.f = (event) => { with (event) { return body; } };', 'event.body'],
  ['a reserved name', 'var package = 1; exports.f = () => package;', 'Use another name'],
])('%s in the own code is an error that says what to write', async (_name, source, hint) => {
  await using rig = await BundleRig.create({
    'lib/loose.js': source,
    'functions/f.mjs': `import { f } from '../lib/loose.js';\n${answer('f()')}`,
  });
  const outcome = await rig.bundle('functions/f.mjs');
  expect(outcome).toMatchObject({
    ok: false,
    diagnostics: expect.arrayContaining([
      expect.objectContaining({ code: 'SLOPPY_MODE', hint: expect.stringContaining(hint) }),
    ]),
  });
});

test.each([
  [
    'is strict',
    `'use strict'; exports.f = function () { var i; for (i = 0; i < 1; i++) {} return i; };`,
  ],
  [
    'declares its names',
    'var i; exports.f = function () { for (i = 0; i < 1; i++) {} return i; };',
  ],
  [
    'has other values for a global object that is undefined',
    'exports.f = (function (root) { return function () { return root ? 1 : 0; }; })((function () { return this || globalThis; })());',
  ],
  [
    'expects that the assignment may fail',
    'try { regeneratorRuntime = 1; } catch (error) {} exports.f = function () { return 1; };',
  ],
])('a package that %s is bundled', async (_name, source) => {
  await using rig = await BundleRig.create({
    'node_modules/plain/package.json': '{"name":"plain","version":"1.0.0","main":"index.js"}',
    'node_modules/plain/index.js': source,
    'functions/f.mjs': `import { f } from 'plain';\n${answer('f()')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(pathsOf(bundle)).not.toContain('node_modules/plain/index.js');
  expect(await rig.call(bundle)).toBe('1');
});
