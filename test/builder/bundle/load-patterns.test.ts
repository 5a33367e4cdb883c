import path from 'node:path';
import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** Files that stand beside handlers and are no handlers. */
const neighbours = {
  'functions/handlers/README.md': '# Handlers',
  'functions/handlers/a.js.map': '{}',
  'functions/handlers/a.test.ts': `import { test } from 'not-installed'; test();`,
  'functions/handlers/types.d.ts': 'export interface A {}',
  'functions/handlers/style.css': 'a { color: red }',
  'functions/handlers/page.html': '<html></html>',
};

describe('a function loads its own modules by a path with a computed piece:', () => {
  test.each([
    [`require('./handlers/' + name)`, 'a'],
    [`require('./handlers/' + name)`, 'a.js'],
    [`require('./handlers/' + name + '.js')`, 'a'],
    ['require(`./handlers/${name}`)', 'sub'],
    ['require(`./handlers/${name}/index.js`)', 'sub'],
    [`require(path.join(__dirname, 'handlers', name))`, 'a'],
    ['require(`${__dirname}/handlers/${name}.js`)', 'a'],
    [`require('./handlers/' + name)`, 'data.json'],
    [`require('./handlers/' + name)`, 'data'],
    ['(await import(`./handlers/${name}.js`)).default', 'a'],
    ['(await import(`./handlers/${name}/index.js`)).default', 'sub'],
    [`(await import('./handlers/' + name + '.json')).default`, 'data'],
  ])('%s with %s', async (load, name) => {
    await using rig = await BundleRig.create({
      ...neighbours,
      'functions/handlers/a.js': `module.exports = 'loaded';`,
      'functions/handlers/sub/index.js': `module.exports = 'loaded';`,
      'functions/handlers/data.json': '"loaded"',
      'functions/f.js': dedent`
        const path = require('node:path');
        const run = async (name) => ${load};
        exports.handler = async () => ({ statusCode: 200, body: await run('${name}') });
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.js'));
    expect(await rig.call(bundle)).toBe('loaded');
    expect(bundle.warnings).toEqual([]);
  });

  test.each([
    ['await import(`./handlers/${name}.js`)', 'a'],
    ['await import(`./handlers/${name}.ts`)', 'a'],
    ['await import(`./handlers/${name}`)', 'a'],
    ['await import(`./handlers/${name}/index.js`)', 'sub'],
    ['await import(new URL(`./handlers/${name}.js`, import.meta.url).href)', 'a'],
    [`await import(path.join(import.meta.dirname, 'handlers', name + '.js'))`, 'a'],
    ['await import(`./handlers/${name}.json`, { with: { type: "json" } })', 'data'],
  ])('%s with %s from TypeScript', async (load, name) => {
    await using rig = await BundleRig.create({
      ...neighbours,
      'functions/handlers/a.ts': `export default 'loaded' as string;`,
      'functions/handlers/sub/index.ts': `export default 'loaded' as string;`,
      'functions/handlers/data.json': '"loaded"',
      'functions/f.mts': dedent`
        import path from 'node:path';
        const run = async (name: string) => (${load}).default;
        ${answer(`path.sep && await run('${name}')`)}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(await rig.call(bundle)).toBe('loaded');
    expect(pathsOf(bundle)).toEqual(['___netlify-entry-point.mjs', 'bgfn-adapter.mjs', 'f.mjs']);
  });

  test('in a module below the function, and loads each only when it is asked for', async () => {
    await using rig = await BundleRig.create({
      ...neighbours,
      'functions/handlers/a.js': `exports.name = 'a';`,
      'functions/handlers/throws.js': `throw new Error('loaded');`,
      'functions/handlers/index.js': `exports.load = (name) => require('./' + name);`,
      'functions/f.mjs': dedent`
        import { load } from './handlers/index.js';
        const missing = () => { try { load('absent'); } catch (error) { return error.code; } };
        ${answer(`[load('a').name, missing()]`)}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(await rig.call(bundle)).toBe('a,MODULE_NOT_FOUND');
    expect(bundle.inputs).toContain(path.join(rig.project, 'functions/handlers'));
  });

  test('through the result of createRequire', async () => {
    await using rig = await BundleRig.create({
      ...neighbours,
      'functions/handlers/a.cjs': `exports.name = 'a';`,
      'functions/f.mjs': dedent`
        import { createRequire } from 'node:module';
        const require = createRequire(import.meta.url);
        const load = (name) => require('./handlers/' + name + '.cjs');
        ${answer(`load('a').name`)}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('a');
  });

  test('and an addon that may be missing', async () => {
    await using rig = await BundleRig.create({
      'functions/f.js': dedent`
        let native;
        try { native = require('./build/' + process.arch + '/x.node'); } catch {}
        exports.handler = async () => ({ statusCode: 200, body: native ? 'native' : 'plain' });
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.js'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('plain');
  });
});

test.each([
  ['../', 'can mean any file of the project'],
  ['./handlers/', 'matches no module of the project'],
])('a path that begins with %s warns when it names nothing', async (start, message) => {
  await using rig = await BundleRig.create({
    'vite.config.js': `import 'not-installed';`,
    'functions/f.js': `exports.handler = async ({ path }) => require('${start}' + path);`,
  });
  const { warnings } = bundleOf(await rig.bundle('functions/f.js'));
  expect(warnings.map((warning) => [warning.code, warning.location?.line])).toEqual([
    ['DYNAMIC_IMPORT', 1],
  ]);
  expect(warnings[0]?.message).toContain(message);
});
