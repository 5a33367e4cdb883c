import path from 'node:path';
import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** Returns a package whose files, one for each condition in this order, export the condition. */
function packageWith(name: string, conditions: readonly string[]): Record<string, string> {
  const exports = Object.fromEntries(
    conditions.map((condition) => [condition, `./${condition}.${extensionOf(condition)}`]),
  );
  const files = conditions.map((condition) => [
    `node_modules/${name}/${condition}.${extensionOf(condition)}`,
    extensionOf(condition) === 'mjs'
      ? `export const from = '${condition}'; export default () => '${condition}';`
      : `module.exports = () => '${condition}'; module.exports.from = '${condition}';`,
  ]);
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, exports: { '.': exports } }),
    ...Object.fromEntries(files),
  };
}

function extensionOf(condition: string): 'mjs' | 'cjs' {
  return condition === 'require' || condition === 'default' ? 'cjs' : 'mjs';
}

describe('of the files that a package offers, the artifact has the one that Node loads', () => {
  test('for a require, though the package has a condition for bundlers', async () => {
    await using rig = await BundleRig.create({
      ...packageWith('dual', ['module', 'import', 'require']),
      ...packageWith('user', ['default']),
      'node_modules/user/default.cjs': `module.exports = () => require('dual')();`,
      'functions/f.mjs': dedent`
        import { from } from 'dual';
        import user from 'user';
        ${answer(`[from, user()]`)}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('import,require');
  });

  test('for the conditions that Node follows by itself, and for none of the others', async () => {
    await using rig = await BundleRig.create({
      ...packageWith('sync', ['browser', 'module-sync', 'import', 'require']),
      ...packageWith('native', ['react-server', 'worker', 'node-addons', 'default']),
      ...packageWith('plain', ['development', 'production', 'netlify', 'module', 'default']),
      'functions/f.mjs': dedent`
        import sync from 'sync';
        import native from 'native';
        import plain from 'plain';
        ${answer('[sync(), native(), plain()]')}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe(
      'module-sync,node-addons,default',
    );
  });

  test('for the customConditions of tsconfig.json, also of one that it extends', async () => {
    await using rig = await BundleRig.create(
      {
        'tsconfig.json': '{"extends":["./base.json"]}',
        'base.json': '{"compilerOptions":{ /* sources */ "customConditions":["@acme/source"]}}',
        'packages/lib/package.json': JSON.stringify({
          name: '@acme/lib',
          exports: { '.': { '@acme/source': './src/index.ts', default: './dist/index.js' } },
          imports: { '#own': { '@acme/source': './src/own.ts', default: './dist/own.js' } },
        }),
        'packages/lib/src/index.ts': `export { own as value } from '#own';`,
        'packages/lib/src/own.ts': `export const own: string = 'source';`,
        'functions/f.mts': dedent`
          import { value } from '@acme/lib';
          ${answer('value')}
        `,
      },
      { 'node_modules/@acme/lib': '../../packages/lib' },
    );
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(bundle.inputs).toContain(path.join(rig.project, 'base.json'));
    expect(await rig.call(bundle)).toBe('source');
  });
});

describe('a package that stays a directory brings the files that Node loads', () => {
  test('for what an ES module loads by createRequire, and for what it imports', async () => {
    await using rig = await BundleRig.create({
      ...packageWith('required', ['import', 'require']),
      ...packageWith('imported', ['import', 'require']),
      'node_modules/kept/package.json': '{"name":"kept","type":"module","exports":"./index.js"}',
      'node_modules/kept/index.js': dedent`
        import { readFileSync } from 'node:fs';
        import { createRequire } from 'node:module';
        import imported from 'imported';
        const require = createRequire(import.meta.url);
        const required = require('required');
        const text = readFileSync(new URL('./data.txt', import.meta.url), 'utf8');
        export const value = [imported(), required(), text];
      `,
      'node_modules/kept/data.txt': 'data',
      'functions/f.mjs': dedent`
        import { value } from 'kept';
        ${answer('value')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle).filter((file) => /\/(?:required|imported)\//.test(file))).toEqual([
      'node_modules/imported/import.mjs',
      'node_modules/imported/package.json',
      'node_modules/required/package.json',
      'node_modules/required/require.cjs',
    ]);
    expect(await rig.call(bundle)).toBe('import,require,data');
  });
});
