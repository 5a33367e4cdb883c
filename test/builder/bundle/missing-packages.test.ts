import path from 'node:path';
import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, textOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** Returns an installed package with one ES module. */
function modulePackage(name: string, source: string, more = ''): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: `{"name":"${name}","type":"module","exports":"./index.js"${more}}`,
    [`node_modules/${name}/index.js`]: source,
  };
}

/** A package that offers what an optional package does, if that one can be loaded. */
const mailer = modulePackage(
  'mailer',
  dedent`
    export const plain = () => 'plain';
    export async function rendered() {
      try {
        const { render } = await import('renderer');
        return render();
      } catch (error) {
        if (error.code === 'ERR_MODULE_NOT_FOUND') return 'install renderer: ' + error.message;
        throw error;
      }
    }
  `,
);
const sender = {
  'functions/f.mjs': dedent`
    import { plain, rendered } from 'mailer';
    ${answer(`[plain(), (await rendered()).slice(0, 16)]`)}
  `,
};

describe('a package that is not installed fails where the source would, when it is imported', () => {
  test.each([
    ['by name', `import { draw } from 'drawing'; export const render = () => draw();`],
    ['as a default', `import drawing from 'drawing'; export const render = () => drawing();`],
    ['as a namespace', `import * as d from 'drawing'; export const render = () => d.draw();`],
    ['for its effects', `import 'drawing'; export const render = () => 1;`],
    ['to export a name again', `export { draw as render } from 'drawing';`],
    ['to export all names again', `export * from 'drawing'; export const render = () => 1;`],
    ['by a sub-path', `import x from 'drawing/server'; export const render = () => x;`],
    ['from a scope', `import x from '@scope/drawing'; export const render = () => x;`],
  ])('%s in a package that is loaded later', async (_how, source) => {
    await using rig = await BundleRig.create({
      ...mailer,
      ...modulePackage('renderer', source),
      ...sender,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('plain,install renderer');
  });

  test('below a require in a try', async () => {
    await using rig = await BundleRig.create({
      'node_modules/logger/package.json': '{"name":"logger","main":"index.js"}',
      'node_modules/logger/index.js': dedent`
        let color = (text) => text;
        try {
          color = require('pretty').color;
        } catch (error) {
          exports.code = error.code;
        }
        try {
          require('absent');
        } catch (error) {
          exports.own = error.code;
        }
      `,
      ...modulePackage('pretty', `import c from 'ansi-absent'; export const color = c;`),
      'functions/f.mjs': dedent`
        import logger from 'logger';
        ${answer('[logger.code, logger.own]')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('ERR_MODULE_NOT_FOUND,MODULE_NOT_FOUND');
  });

  test('and with it a missing file of a package, also if the artifact has a file of that name', async () => {
    await using rig = await BundleRig.create({
      'node_modules/torn/package.json': '{"name":"torn","main":"index.js"}',
      'node_modules/torn/index.js': dedent`
        const attempt = async (load) => {
          try { await load(); return 'loaded'; } catch (error) { return error.code; }
        };
        exports.codes = async () => [
          await attempt(() => require('./data/settings.js')),
          await attempt(() => import('./data/settings.js')),
          await attempt(() => import('./lazy.mjs')),
          await attempt(() => require('installed/absent')),
        ];
      `,
      'node_modules/torn/lazy.mjs': `import settings from './data/settings.js'; export { settings };`,
      'node_modules/installed/package.json': '{"name":"installed","main":"index.js"}',
      'node_modules/installed/index.js': '',
      'data/settings.js': `throw new Error('This is the file of the site.');`,
      'functions/f.mjs': dedent`
        import torn from 'torn';
        ${answer('await torn.codes()')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs', { includedFiles: ['data/**'] }));
    expect(await rig.call(bundle)).toBe(
      'MODULE_NOT_FOUND,ERR_MODULE_NOT_FOUND,ERR_MODULE_NOT_FOUND,MODULE_NOT_FOUND',
    );
  });
});

describe('the build warns of a package that is not installed', () => {
  test('when the function cannot start without it', async () => {
    await using rig = await BundleRig.create({
      ...modulePackage('renderer', `const a = 1;\nexport { draw } from 'drawing';`),
      'functions/f.mjs': dedent`
        import { draw } from 'renderer';
        ${answer('draw()')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toMatchObject([
      {
        severity: 'warning',
        code: 'UNRESOLVED_IMPORT',
        hint: expect.stringContaining('npm install drawing'),
        location: { file: path.join(rig.project, 'node_modules/renderer/index.js'), line: 2 },
      },
    ]);
    await expect(rig.call(bundle)).rejects.toThrow('ERR_MODULE_NOT_FOUND');
  });

  test('also when a require outside of functions and conditions leads to it', async () => {
    await using rig = await BundleRig.create({
      'node_modules/drawing/package.json': '{"name":"drawing","main":"index.js"}',
      'node_modules/drawing/index.js': dedent`
        const { canvas } = require('./canvas');
        exports.draw = () => canvas;
      `,
      'node_modules/drawing/canvas.js': dedent`
        if (process.env.FAST) require('fast-canvas');
        const load = () => require('other-canvas');
        switch (process.platform) { case 'win32': require('win-canvas'); }
        exports.canvas = require('plain-canvas');
      `,
      'functions/f.ts': dedent`
        import { draw } from 'drawing';
        ${answer('draw()')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.ts'));
    expect(bundle.warnings).toMatchObject([
      { message: expect.stringContaining('"plain-canvas"'), location: { line: 4 } },
    ]);
  });

  test('but not when the platform provides it, and not when the importing module is left out', async () => {
    await using rig = await BundleRig.create({
      ...modulePackage('renderer', `export { draw } from 'drawing';`),
      ...modulePackage(
        'parts',
        `export { used } from './used.js'; export { other } from './other.js';`,
        ',"sideEffects":false',
      ),
      'node_modules/parts/used.js': `export const used = 'used';`,
      'node_modules/parts/other.js': `import absent from 'absent'; export const other = absent;`,
      'functions/f.mjs': dedent`
        import { draw } from 'renderer';
        import { used } from 'parts';
        ${answer('[draw(), used]')}
      `,
    });
    const bundle = bundleOf(
      await rig.bundle('functions/f.mjs', { ignoredNodeModules: ['drawing'] }),
    );
    expect(bundle.warnings).toEqual([]);
    expect(textOf(bundle, 'f.mjs')).toContain('from "drawing"');
  });
});
