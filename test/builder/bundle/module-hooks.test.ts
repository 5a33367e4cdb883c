import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** Files of a CommonJS package in node_modules. */
function packageOf(name: string, text: string): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, main: 'index.js' }),
    [`node_modules/${name}/index.js`]: text,
  };
}

/** A package that changes modules when Node loads them, and one that names the module to change. */
const tracing = {
  ...packageOf(
    'loader-tap',
    dedent`
      const Module = require('module');
      exports.tap = (name, change) => {
        const load = Module.prototype.require;
        Module.prototype.require = function (id) {
          const loaded = load.call(this, id);
          const file = Module._resolveFilename(id, this);
          return file.includes('node_modules/' + name + '/') ? change(loaded) : loaded;
        };
      };
    `,
  ),
  ...packageOf(
    'driver-tracing',
    `exports.enable = () => require('loader-tap').tap('driver', (driver) => ({ ...driver, traced: true }));`,
  ),
  ...packageOf('driver', 'exports.traced = false;'),
  ...packageOf('other', 'exports.traced = false;'),
};

describe('a package that a hook of the module loader names stays outside the bundle', () => {
  test('in CommonJS', async () => {
    await using rig = await BundleRig.create({
      ...tracing,
      'functions/f.js': dedent`
        require('driver-tracing').enable();
        const { traced } = require('driver');
        const other = require('other');
        exports.handler = async () => ({ statusCode: 200, body: traced + ' ' + other.traced });
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.js'));
    expect(pathsOf(bundle)).not.toContain('node_modules/other/index.js');
    expect(await rig.call(bundle)).toBe('true false');
  });

  test('in ES modules, after the module that enables the hook', async () => {
    await using rig = await BundleRig.create({
      ...tracing,
      'lib/tracing.mjs': `import { enable } from 'driver-tracing';\nenable();`,
      'functions/f.mjs': dedent`
        import '../lib/tracing.mjs';
        import { traced } from 'driver';
        ${answer('traced')}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('true');
  });

  test("when the function's own code names it", async () => {
    await using rig = await BundleRig.create({
      ...tracing,
      'functions/f.mjs': dedent`
        import { tap } from 'loader-tap';
        tap('driver', () => ({ traced: 'by the function' }));
        const { traced } = await import('./reader.cjs');
        ${answer('traced')}
      `,
      'functions/reader.cjs': `exports.traced = require('driver').traced;`,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('by the function');
  });
});

test('a package that esbuild cannot bundle installs the hook', async () => {
  await using rig = await BundleRig.create({
    ...tracing,
    'node_modules/loader-tap/plugins/README.md': '# Plugins',
    'node_modules/loader-tap/index.js': dedent`
      const Module = require('module');
      exports.plugin = (name) => require('./plugins/' + name);
      const load = Module.prototype.require;
      Module.prototype.require = function (id) {
        const loaded = load.call(this, id);
        return id === 'driver' ? { ...loaded, traced: true } : loaded;
      };
    `,
    'functions/f.js': dedent`
      require('loader-tap');
      const { traced } = require('driver');
      exports.handler = async () => ({ statusCode: 200, body: String(traced) });
    `,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.js')))).toBe('true');
});

test.each([
  ['./hooks.mjs', 'functions/hooks.mjs', {}],
  [
    'tap-hooks/hooks.mjs',
    'node_modules/tap-hooks/hooks.mjs',
    { 'node_modules/tap-hooks/package.json': '{"name":"tap-hooks"}' },
  ],
])(
  'the hooks that a function registers by their path come along: %s',
  async (specifier, file, more) => {
    await using rig = await BundleRig.create({
      ...tracing,
      ...more,
      [file]: dedent`
      export const load = async (url, context, next) =>
        url.endsWith('virtual:answer')
          ? { format: 'module', source: 'export const value = 42;', shortCircuit: true }
          : next(url, context);
      export const resolve = async (name, context, next) =>
        name === 'virtual:answer' ? { url: name, shortCircuit: true } : next(name, context);
    `,
      'functions/f.mjs': dedent`
      import { register } from 'node:module';
      register('${specifier}', import.meta.url);
      const name = 'virtual:answer';
      ${answer('(await import(name)).value')}
    `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toContain(file);
    expect(await rig.call(bundle)).toBe('42');
  },
);
